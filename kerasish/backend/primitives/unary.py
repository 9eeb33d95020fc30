"""Elementwise primitives with one operand, and the two that only mark a value (identity, stop_gradient)."""

from __future__ import annotations

import math

from kerasish.backend import dtypes
from kerasish.backend.primitives.costs import CHEAP, EXPENSIVE, MOVEMENT
from kerasish.backend.primitives.families import elementwise
from kerasish.backend.primitives.primitive import Primitive, Spec, p
from kerasish.backend.primitives.shapes import like_first
from kerasish.backend.primitives.traits import BOOLS, FLOATS, NOTHING, NUMBERS, STORED, Again, Hoist, Sign


def _unary(name, slope=None, *, cost=CHEAP, shape=like_first, **facts):
    """`slope(x, y, g)` is the gradient of the input, given the output y and its gradient g."""
    rule = None if slope is None else lambda node, g: [slope(node.inputs[0], node.outputs[0], g)]
    return elementwise(name, shape, rule, cost=cost, **facts)


def _float_unary(name, slope, fuses=NOTHING, complex=True, **facts):
    """Of floats and complex numbers, and expensive."""

    def shape(x):
        if x.dtype not in dtypes.INEXACT:
            raise ValueError(f"`{name}` needs a floating-point operand, got {x.dtype}.")
        return Spec(tuple(x.shape), x.dtype)

    return _unary(name, slope, cost=EXPENSIVE, shape=shape, fuses=fuses, complex=complex, **facts)


def _marks(name, slope=None):
    """A copy of the operand, that only marks it."""
    facts = {"cost": MOVEMENT, "fuses": STORED, "computes": False, "complex": True}
    return _unary(name, slope, hoists=Hoist.WITH_READERS, again=Again.FREE, **facts)


def _bool_shape(x):
    return Spec(tuple(x.shape), "bool")


def _square(x):
    return p.multiply(x, x)


def _negative_shape(x):
    if x.dtype == "bool":
        raise TypeError("`negative` takes numbers, got bool. Use `logical_not`, or cast it to a number first.")
    return like_first(x)


def _one_minus_square(x):
    return p.subtract(1.0, _square(x))


negative: Primitive = _unary(
    "negative",
    lambda x, y, g: p.negative(g),
    shape=_negative_shape,
    fuses=NUMBERS,
    complex=True,
    linear=True,
    terms=(-1,),
    finite=True,
)
absolute: Primitive = _unary(
    "absolute",
    lambda x, y, g: p.multiply(g, p.sign(x)),
    fuses=FLOATS,
    even=True,
    idempotent=True,
    sign=Sign.NEVER_NEGATIVE,
    finite=True,
)
square: Primitive = _unary(
    "square",
    lambda x, y, g: p.multiply(g, p.add(x, x)),
    fuses=NUMBERS,
    complex=True,
    even=True,
    sign=Sign.NEVER_NEGATIVE,
    finite=True,
)
relu: Primitive = _unary("relu", lambda x, y, g: p.where(p.greater(y, 0.0), g, 0.0), fuses=NUMBERS, idempotent=True)
sign: Primitive = _unary("sign", fuses=FLOATS, finite=True)
floor: Primitive = _unary("floor", fuses=FLOATS, idempotent=True)
ceil: Primitive = _unary("ceil", fuses=FLOATS, idempotent=True)
round_: Primitive = _unary("round", fuses=FLOATS, idempotent=True)
trunc: Primitive = _unary("trunc", fuses=FLOATS, idempotent=True)
identity: Primitive = _marks("identity", lambda x, y, g: g)
stop_gradient: Primitive = _marks("stop_gradient")

_POSITIVE = {"fuses": FLOATS, "sign": Sign.NEVER_NEGATIVE}
_REAL = {"complex": False}  # of real numbers alone
exp: Primitive = _float_unary("exp", lambda x, y, g: p.multiply(g, y), **_POSITIVE)
expm1: Primitive = _float_unary("expm1", lambda x, y, g: p.multiply(g, p.add(y, 1.0)), FLOATS)
log: Primitive = _float_unary("log", lambda x, y, g: p.divide(g, x), FLOATS)
log1p: Primitive = _float_unary("log1p", lambda x, y, g: p.divide(g, p.add(x, 1.0)), FLOATS)
sqrt: Primitive = _float_unary("sqrt", lambda x, y, g: p.divide(p.multiply(g, 0.5), y), FLOATS, sign=Sign.AS_OPERANDS)
rsqrt: Primitive = _float_unary("rsqrt", lambda x, y, g: p.multiply(p.multiply(g, -0.5), p.divide(y, x)), FLOATS)
reciprocal: Primitive = _float_unary("reciprocal", lambda x, y, g: p.negative(p.multiply(g, _square(y))), FLOATS)
softplus: Primitive = _float_unary("softplus", lambda x, y, g: p.multiply(g, p.sigmoid(x)), **_POSITIVE, **_REAL)
sigmoid: Primitive = _float_unary(
    "sigmoid", lambda x, y, g: p.multiply(g, p.multiply(y, p.subtract(1.0, y))), **_POSITIVE
)
tanh: Primitive = _float_unary("tanh", lambda x, y, g: p.multiply(g, _one_minus_square(y)), FLOATS, finite=True)

sin: Primitive = _float_unary("sin", lambda x, y, g: p.multiply(g, p.cos(x)))
cos: Primitive = _float_unary("cos", lambda x, y, g: p.negative(p.multiply(g, p.sin(x))), even=True)
tan: Primitive = _float_unary("tan", lambda x, y, g: p.multiply(g, p.add(_square(y), 1.0)))
arcsin: Primitive = _float_unary("arcsin", lambda x, y, g: p.multiply(g, p.rsqrt(_one_minus_square(x))))
arccos: Primitive = _float_unary("arccos", lambda x, y, g: p.negative(p.multiply(g, p.rsqrt(_one_minus_square(x)))))
arctan: Primitive = _float_unary("arctan", lambda x, y, g: p.divide(g, p.add(_square(x), 1.0)))
sinh: Primitive = _float_unary("sinh", lambda x, y, g: p.multiply(g, p.cosh(x)))
cosh: Primitive = _float_unary("cosh", lambda x, y, g: p.multiply(g, p.sinh(x)), even=True, sign=Sign.NEVER_NEGATIVE)
arcsinh: Primitive = _float_unary("arcsinh", lambda x, y, g: p.multiply(g, p.rsqrt(p.add(_square(x), 1.0))))
arccosh: Primitive = _float_unary("arccosh", lambda x, y, g: p.multiply(g, p.rsqrt(p.subtract(_square(x), 1.0))))
arctanh: Primitive = _float_unary("arctanh", lambda x, y, g: p.divide(g, _one_minus_square(x)))


def _gaussian(x, sign_, scale):
    return p.multiply(p.exp(p.multiply(_square(x), sign_)), scale)


_SLOPE = 2 / math.sqrt(math.pi)
erf: Primitive = _float_unary("erf", lambda x, y, g: p.multiply(g, _gaussian(x, -1.0, _SLOPE)), FLOATS, **_REAL)
erfc: Primitive = _float_unary(
    "erfc", lambda x, y, g: p.negative(p.multiply(g, _gaussian(x, -1.0, _SLOPE))), **_POSITIVE, **_REAL
)
erfinv: Primitive = _float_unary(
    "erfinv", lambda x, y, g: p.multiply(g, _gaussian(y, 1.0, math.sqrt(math.pi) / 2)), **_REAL
)

logical_not: Primitive = _unary("logical_not", shape=_bool_shape, fuses=BOOLS)
bitwise_not: Primitive = _unary("bitwise_not", fuses=NOTHING)
isfinite: Primitive = _unary("isfinite", shape=_bool_shape, fuses=FLOATS, complex=True)
isnan: Primitive = _unary("isnan", shape=_bool_shape, fuses=FLOATS, complex=True)
isinf: Primitive = _unary("isinf", shape=_bool_shape, fuses=FLOATS, complex=True)
