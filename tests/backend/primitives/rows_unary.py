"""Rows of primitives/unary.py."""

import math

import numpy as np

from tests.backend.primitives.harness import Row, bools, integers, values

_SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan])


def _smooth(name, function, low=-1.5, high=1.5, **judged):
    """Values inside the domain with their slopes, and the special ones without."""
    return [
        Row(name, values(2, 3, low=low, high=high), reference=function, **judged), Row(name, values(low=low, high=high),
        reference=function, **judged),
        Row(name, _SPECIAL, reference=_quiet(function), gradient=False, **judged),
    ]  # fmt: skip


def _quiet(function):
    def run(x):
        with np.errstate(all="ignore"):
            return function(x)

    return run


def _each(function):
    return lambda x: np.array([function(v) for v in x.reshape(-1).tolist()]).reshape(x.shape)


def _inverse_erf(x):
    """By bisection of math.erf."""

    def invert(v):
        if math.isnan(v) or abs(v) > 1:
            return math.nan
        if abs(v) == 1:
            return math.copysign(math.inf, v)
        low, high = -6.0, 6.0
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if math.erf(middle) < v else (low, middle)
        return low

    return _each(invert)(x)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


_STEPS = np.array([-2.7, -2.5, -1.5, -0.5, 0.5, 0.3, 1.5, 2.5, 7.0])

ROWS = [
    *[row for name in "exp expm1 sin cos sinh cosh tanh arctan arcsinh square".split() for row in _smooth(name,
    getattr(np, name))],
    *[row for name in "log sqrt".split() for row in _smooth(name, getattr(np, name), low=0.3)],
    *_smooth("log1p", np.log1p, low=-0.6), *_smooth("tan", np.tan, low=-1.2, high=1.2), *_smooth("arccosh", np.arccosh,
    low=1.2, high=3.0),
    *[row for name in "arcsin arccos arctanh".split() for row in _smooth(name, getattr(np, name), low=-0.8, high=0.8)],
    *_smooth("rsqrt", lambda x: 1 / np.sqrt(x), low=0.3), *_smooth("reciprocal", np.reciprocal, low=0.3),
    *_smooth("sigmoid", _sigmoid), *_smooth("softplus", lambda x: np.logaddexp(x, 0)),
    *_smooth("erf", _each(math.erf)), *_smooth("erfc", _each(math.erfc)), *_smooth("erfinv", _inverse_erf, low=-0.9,
    high=0.9, rtol=1e-11),
    *_smooth("negative", np.negative), *_smooth("identity", lambda x: x),
    Row("absolute", values(2, 3, apart=0.1), reference=np.absolute), Row("absolute", integers(4),
    reference=np.absolute),
    Row("relu", values(2, 3, apart=0.1), reference=lambda x: np.maximum(x, 0)), Row("relu", integers(4),
    reference=lambda x: np.maximum(x, 0)),
    Row("stop_gradient", values(3), reference=lambda x: x),
    Row("sign", _SPECIAL, reference=np.sign), Row("sign", integers(6), reference=np.sign),
    *[Row(name, _STEPS, reference=getattr(np, name)) for name in ("floor", "ceil", "trunc")], Row("round", _STEPS,
    reference=np.rint),
    *[Row(name, np.append(_SPECIAL, 1.0), reference=getattr(np, name)) for name in ("isfinite", "isnan", "isinf")],
    Row("logical_not", bools(5), reference=np.logical_not), Row("bitwise_not", integers(5), reference=np.bitwise_not),
    # tails and many elements: more than one block of the kernels in error_functions.py
    Row("erf", np.linspace(-7, 7, 40001), reference=_each(math.erf), gradient=False),
    Row("erfc", np.linspace(-7, 26, 40001), reference=_each(math.erfc), gradient=False, single=False),
    Row("erfinv", np.array([0.999999, -0.9999999999, 1.0, -1.0, 1.5]), reference=_inverse_erf, gradient=False,
    rtol=1e-6, single=False),
]  # fmt: skip
