"""Elementwise primitives with one operand."""

from __future__ import annotations

import math
from typing import Any

from kerasish.export.onnx.forms.words import formula, operator, primitive, step

add, subtract, multiply, divide = step("Add"), step("Sub"), step("Mul"), step("Div")

operator("absolute", "Abs")
operator("sign", "Sign")
operator("floor", "Floor")
operator("ceil", "Ceil")
operator("round", "Round")
operator("relu", "Relu")
operator("exp", "Exp")
operator("log", "Log")
operator("sqrt", "Sqrt")
operator("reciprocal", "Reciprocal")
operator("softplus", "Softplus")
operator("sigmoid", "Sigmoid")
operator("tanh", "Tanh")
operator("sin", "Sin")
operator("cos", "Cos")
operator("tan", "Tan")
operator("arcsin", "Asin")
operator("arccos", "Acos")
operator("arctan", "Atan")
operator("sinh", "Sinh")
operator("cosh", "Cosh")
operator("arcsinh", "Asinh")
operator("arccosh", "Acosh")
operator("arctanh", "Atanh")
operator("erf", "Erf")
operator("logical_not", "Not", dtype="bool")
operator("isnan", "IsNaN", dtype="bool")
operator("isinf", "IsInf", dtype="bool")
formula(
    "negative", lambda g, x: g.elementwise("Neg", x) if x.dtype[0] != "u" else subtract(g, g.constant(0, x.dtype), x)
)
formula("square", lambda g, x: multiply(g, x, x))
formula("log1p", lambda g, x: g.elementwise("Log", add(g, x, 1.0)))
formula("rsqrt", lambda g, x: g.elementwise("Reciprocal", g.elementwise("Sqrt", x)))
formula("trunc", lambda g, x: multiply(g, g.elementwise("Sign", x), g.elementwise("Floor", g.elementwise("Abs", x))))
formula("erfc", lambda g, x: subtract(g, g.constant(1, x.dtype), g.elementwise("Erf", x)))
formula("bitwise_not", lambda g, x: subtract(g, g.constant(-1, x.dtype), x))
formula("identity", lambda g, x: x)
formula("stop_gradient", lambda g, x: x)


@primitive("expm1")
def expm1(g: Any, x: Any) -> Any:
    """exp(x) - 1; near 0 by tanh(x / 2), where the difference would lose its digits: expm1 = 2 t / (1 - t)."""
    half = g.elementwise("Tanh", multiply(g, x, 0.5))
    near = divide(g, add(g, half, half), subtract(g, g.constant(1, x.dtype), half))
    close = g.elementwise("Less", g.elementwise("Abs", x), 0.5, dtype="bool")
    return g.elementwise("Where", close, near, subtract(g, g.elementwise("Exp", x), 1.0), dtype=x.dtype)


@primitive("isfinite")
def isfinite(g: Any, x: Any) -> Any:
    """X - x is 0 where x is finite, and NaN elsewhere."""
    return g.elementwise("Equal", subtract(g, x, x), 0.0, dtype="bool")


_GILES = (  # M. Giles, "Approximating the erfinv function", 2010: polynomials of w - 2.5 and of sqrt(w) - 3
    (2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503, -0.00417768164,
     0.246640727, 1.50140941),
    (-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
     1.00167406, 2.83297682),
)  # fmt: skip


@primitive("erfinv")
def erfinv(g: Any, x: Any) -> Any:
    """The inverse of the error function, with w = -log((1 - x)(1 + x))."""
    one = g.constant(1, x.dtype)
    w = g.elementwise("Neg", g.elementwise("Log", multiply(g, subtract(g, one, x), add(g, x, 1.0))))
    central = _polynomial(g, _GILES[0], subtract(g, w, 2.5))
    tails = _polynomial(g, _GILES[1], subtract(g, g.elementwise("Sqrt", w), 3.0))
    factor = g.elementwise("Where", g.elementwise("Less", w, 5.0, dtype="bool"), central, tails, dtype=x.dtype)
    inside = multiply(g, x, factor)
    edge = g.elementwise("Equal", g.elementwise("Abs", x), 1.0, dtype="bool")
    return g.elementwise("Where", edge, multiply(g, x, g.constant(math.inf, x.dtype)), inside, dtype=x.dtype)


def _polynomial(g, coefficients, x):
    total = g.constant(coefficients[0], x.dtype)
    for coefficient in coefficients[1:]:
        total = add(g, multiply(g, total, x), g.constant(coefficient, x.dtype))
    return total
