"""Elementwise primitives with one operand, and the two that only mark a value (identity, stop_gradient)."""

from __future__ import annotations

import math
from typing import Any

from kerasish.backend.dtypes import FLOATS
from kerasish.backend.primitives.primitive import Spec, define, p
from kerasish.backend.primitives.shapes import like_first


def _unary(name, slope=None):
    """`slope(x, y, g)` is the gradient of the input, given the output y and its gradient g."""
    rule = None if slope is None else lambda node, g: [slope(node.inputs[0], node.outputs[0], g)]
    return define(name, like_first, rule, elementwise=True)


def _float_unary(name, slope):
    def shape(x):
        if x.dtype not in FLOATS:
            raise ValueError(f"`{name}` needs a floating-point operand, got {x.dtype}.")
        return Spec(tuple(x.shape), x.dtype)

    return define(name, shape, lambda node, g: [slope(node.inputs[0], node.outputs[0], g)], elementwise=True)


def _test(name):
    return define(name, lambda x: Spec(tuple(x.shape), "bool"), elementwise=True)


def _square(x):
    return p.multiply(x, x)


def _negative_shape(x):
    if x.dtype == "bool":
        raise TypeError("`negative` takes numbers, got bool. Use `logical_not`, or cast it to a number first.")
    return like_first(x)


def _one_minus_square(x):
    return p.subtract(1.0, _square(x))


negative: Any = define("negative", _negative_shape, lambda node, g: [p.negative(g)], elementwise=True)
absolute: Any = _unary("absolute", lambda x, y, g: p.multiply(g, p.sign(x)))
sign: Any = _unary("sign")
floor: Any = _unary("floor")
ceil: Any = _unary("ceil")
round_: Any = _unary("round")
trunc: Any = _unary("trunc")
square: Any = _unary("square", lambda x, y, g: p.multiply(g, p.add(x, x)))
relu: Any = _unary("relu", lambda x, y, g: p.where(p.greater(y, 0.0), g, 0.0))
identity: Any = _unary("identity", lambda x, y, g: g)
stop_gradient: Any = _unary("stop_gradient")

exp: Any = _float_unary("exp", lambda x, y, g: p.multiply(g, y))
expm1: Any = _float_unary("expm1", lambda x, y, g: p.multiply(g, p.add(y, 1.0)))
log: Any = _float_unary("log", lambda x, y, g: p.divide(g, x))
log1p: Any = _float_unary("log1p", lambda x, y, g: p.divide(g, p.add(x, 1.0)))
sqrt: Any = _float_unary("sqrt", lambda x, y, g: p.divide(p.multiply(g, 0.5), y))
rsqrt: Any = _float_unary("rsqrt", lambda x, y, g: p.multiply(p.multiply(g, -0.5), p.divide(y, x)))
reciprocal: Any = _float_unary("reciprocal", lambda x, y, g: p.negative(p.multiply(g, _square(y))))
softplus: Any = _float_unary("softplus", lambda x, y, g: p.multiply(g, p.sigmoid(x)))
sigmoid: Any = _float_unary("sigmoid", lambda x, y, g: p.multiply(g, p.multiply(y, p.subtract(1.0, y))))

sin: Any = _float_unary("sin", lambda x, y, g: p.multiply(g, p.cos(x)))
cos: Any = _float_unary("cos", lambda x, y, g: p.negative(p.multiply(g, p.sin(x))))
tan: Any = _float_unary("tan", lambda x, y, g: p.multiply(g, p.add(_square(y), 1.0)))
arcsin: Any = _float_unary("arcsin", lambda x, y, g: p.multiply(g, p.rsqrt(_one_minus_square(x))))
arccos: Any = _float_unary("arccos", lambda x, y, g: p.negative(p.multiply(g, p.rsqrt(_one_minus_square(x)))))
arctan: Any = _float_unary("arctan", lambda x, y, g: p.divide(g, p.add(_square(x), 1.0)))
sinh: Any = _float_unary("sinh", lambda x, y, g: p.multiply(g, p.cosh(x)))
cosh: Any = _float_unary("cosh", lambda x, y, g: p.multiply(g, p.sinh(x)))
tanh: Any = _float_unary("tanh", lambda x, y, g: p.multiply(g, _one_minus_square(y)))
arcsinh: Any = _float_unary("arcsinh", lambda x, y, g: p.multiply(g, p.rsqrt(p.add(_square(x), 1.0))))
arccosh: Any = _float_unary("arccosh", lambda x, y, g: p.multiply(g, p.rsqrt(p.subtract(_square(x), 1.0))))
arctanh: Any = _float_unary("arctanh", lambda x, y, g: p.divide(g, _one_minus_square(x)))


def _gaussian(x, sign_, scale):
    return p.multiply(p.exp(p.multiply(_square(x), sign_)), scale)


erf: Any = _float_unary("erf", lambda x, y, g: p.multiply(g, _gaussian(x, -1.0, 2 / math.sqrt(math.pi))))
erfc: Any = _float_unary("erfc", lambda x, y, g: p.negative(p.multiply(g, _gaussian(x, -1.0, 2 / math.sqrt(math.pi)))))
erfinv: Any = _float_unary("erfinv", lambda x, y, g: p.multiply(g, _gaussian(y, 1.0, math.sqrt(math.pi) / 2)))

logical_not: Any = define("logical_not", lambda x: Spec(tuple(x.shape), "bool"), elementwise=True)
bitwise_not: Any = _unary("bitwise_not")
isfinite: Any = _test("isfinite")
isnan: Any = _test("isnan")
isinf: Any = _test("isinf")
