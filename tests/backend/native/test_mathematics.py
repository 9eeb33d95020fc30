"""The float32 polynomials of the kernel language against float64.

Errors in units in the last place, and what comes of NaN and infinity.
"""

import math

import numpy as np
import pytest

from kerasish.backend.numpy import native

pytestmark = pytest.mark.skipif(not native.enabled(), reason="llvmlite is not installed, or KERASISH_NATIVE=0")

_EVERYWHERE = lambda r: [r.uniform(-20, 20, 200_000), r.uniform(-1, 1, 100_000), r.uniform(-85, 88, 50_000)]  # noqa: E731
_POSITIVE = lambda r: [r.uniform(1e-6, 20, 200_000), 10.0 ** r.uniform(-30, 30, 100_000)]  # noqa: E731
_ABOVE_MINUS_ONE = lambda r: [r.uniform(-0.99, 20, 200_000), r.uniform(-1e-3, 1e-3, 100_000)]  # noqa: E731
_TAIL = lambda r: [r.uniform(-20, 9.1, 200_000), r.uniform(-1, 1, 100_000)]  # noqa: E731, further out erfc has fewer digits than a float32

CASES = {  # function: (in float64, where, largest error in units in the last place)
    "exp": (np.exp, _EVERYWHERE, 1),
    "log": (np.log, _POSITIVE, 1),
    "log1p": (np.log1p, _ABOVE_MINUS_ONE, 2),
    "expm1": (np.expm1, _EVERYWHERE, 4),
    "tanh": (np.tanh, _EVERYWHERE, 2),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), _EVERYWHERE, 3),
    "softplus": (lambda x: np.logaddexp(0, x), _EVERYWHERE, 3),
    "erf": (np.vectorize(math.erf), _EVERYWHERE, 6),
    "erfc": (np.vectorize(math.erfc), _TAIL, 6),
    "rsqrt": (lambda x: 1 / np.sqrt(x), _POSITIVE, 2),
    "sqrt": (np.sqrt, _POSITIVE, 0.51),
}
SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-40, -1e-40, -1.0], "float32")


def evaluate(function, x):
    """function(x) by a native kernel."""
    kind = x.dtype.name
    text = (
        f"def kernel(args, lo, hi, worker):\n    x = pointer(args[0], {kind})\n    y = pointer(args[1], {kind})\n"
        f"    for i in range(uint64(lo), uint64(hi)):\n        y[i] = {function}(x[i])\n"
    )
    y = np.empty_like(x)
    native.NativeStep(native.address(native.Source(text)), [x.ctypes.data, y.ctypes.data], [x, y], x.size)()
    return y


def error(found, exact):
    """The largest distance, in units in the last place of the right answer."""
    right = exact.astype("float32")
    return float(np.max(np.abs(found.astype("float64") - exact) / np.spacing(np.abs(right)).astype("float64")))


@pytest.mark.parametrize("name", CASES)
def test_errors(name):
    exact, where, allowed = CASES[name]
    x = np.concatenate(where(np.random.default_rng(0))).astype("float32")
    assert error(evaluate(name, x), exact(x.astype("float64"))) <= allowed


@pytest.mark.parametrize("name", CASES)
def test_special_numbers(name):
    with np.errstate(all="ignore"):
        expected = CASES[name][0](SPECIAL.astype("float64")).astype("float32")
    found = evaluate(name, SPECIAL)
    np.testing.assert_allclose(found, expected, rtol=3e-7, atol=1e-37)
    zero = expected == 0
    np.testing.assert_array_equal(np.signbit(found[zero]), np.signbit(expected[zero]))


@pytest.mark.parametrize("name", ["exp", "log", "tanh", "log1p", "expm1", "erf", "sigmoid", "softplus"])
def test_float64(name):
    """The C library's functions."""
    x = np.random.default_rng(1).uniform(0.01, 3, 1000)
    np.testing.assert_allclose(evaluate(name, x), CASES[name][0](x), rtol=1e-14)
