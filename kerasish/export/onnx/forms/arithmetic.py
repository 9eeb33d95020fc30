"""Elementwise primitives with two or more operands."""

from __future__ import annotations

from typing import Any

from kerasish.export.onnx.forms.words import formula, operator, primitive, step

_WIDER = {"int8": "int32", "int16": "int32", "uint8": "int32", "uint16": "int32", "uint32": "int64"}
_BITS = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
subtract, multiply = step("Sub"), step("Mul")

operator("subtract", "Sub")
operator("logical_and", "And", dtype="bool")
operator("logical_or", "Or", dtype="bool")
operator("logical_xor", "Xor", dtype="bool")
formula("add", lambda g, x, y: _numbers(g, "Add", "Or", x, y))
formula("multiply", lambda g, x, y: _numbers(g, "Mul", "And", x, y))
formula("maximum", lambda g, x, y: _extreme(g, "Max", "Or", "Less", x, y))
formula("minimum", lambda g, x, y: _extreme(g, "Min", "And", "Greater", x, y))
formula("equal", lambda g, x, y: _compared(g, "Equal", x, y))
formula("not_equal", lambda g, x, y: g.elementwise("Not", _compared(g, "Equal", x, y), dtype="bool"))
formula("less", lambda g, x, y: _compared(g, "Less", x, y))
formula("less_equal", lambda g, x, y: _compared(g, "LessOrEqual", x, y))
formula("greater", lambda g, x, y: _compared(g, "Greater", x, y))
formula("greater_equal", lambda g, x, y: _compared(g, "GreaterOrEqual", x, y))
formula("cast", lambda g, x, dtype: g.cast(x, dtype))
formula("narrow", lambda g, x, dtype: g.cast(x, dtype))
formula("bitwise_and", lambda g, x, y: _bits(g, "And", x, y))
formula("bitwise_or", lambda g, x, y: _bits(g, "Or", x, y))
formula("bitwise_xor", lambda g, x, y: _bits(g, "Xor", x, y))
formula("left_shift", lambda g, x, y: _shifted(g, "LEFT", x, y))
formula("right_shift", lambda g, x, y: _shifted(g, "RIGHT", x, y))


def _numbers(g, kind, of_bools, x, y):
    return g.elementwise(of_bools if x.dtype == "bool" else kind, x, y)


def _extreme(g, kind, of_bools, other, x, y):
    """ONNX's Max and Min of floats hand on NaN in onnxruntime; of bools they do not exist."""
    return g.elementwise(of_bools if x.dtype == "bool" else kind, x, y)


def _compared(g, kind, x, y):
    through = "int32" if x.dtype == "bool" and kind != "Equal" else _WIDER.get(x.dtype)
    if through is not None:
        x, y = g.cast(x, through), g.cast(y, through)
    return g.elementwise(kind, x, y, dtype="bool")


@primitive("divide")
def divide(g: Any, x: Any, y: Any) -> Any:
    """A quotient of floats."""
    return g.elementwise("Div", x, y)


@primitive("power")
def power(g: Any, x: Any, y: Any) -> Any:
    """Of ints through float64, cut off; 0 to a negative power is 0."""
    if "float" in x.dtype:
        return g.elementwise("Pow", x, y)
    below = g.elementwise("Less", y, g.constant(0, y.dtype), dtype="bool")
    nothing = g.elementwise("And", below, g.elementwise("Equal", x, g.constant(0, x.dtype), dtype="bool"))
    base = g.elementwise("Where", nothing, 1.0, g.cast(x, "float64"), dtype="float64")
    found = g.elementwise("Pow", base, g.cast(y, "float64"))
    return g.cast(g.elementwise("Where", nothing, 0.0, found, dtype="float64"), x.dtype)


@primitive("floor_divide")
def floor_divide(g: Any, x: Any, y: Any) -> Any:
    """Rounded down, where ONNX cuts off the quotient of ints."""
    if "float" in x.dtype:
        return g.elementwise("Floor", g.elementwise("Div", x, y))
    if x.dtype[0] == "u":
        return g.elementwise("Div", x, y)
    return g.elementwise("Div", subtract(g, x, g.elementwise("Mod", x, y)), y)


@primitive("remainder")
def remainder(g: Any, x: Any, y: Any) -> Any:
    """Of the sign of y."""
    if "float" not in x.dtype:
        return g.elementwise("Mod", x, y)
    rest = g.elementwise("Mod", x, y, fmod=1)
    zero = g.constant(0, x.dtype)
    other = g.elementwise("Less", multiply(g, rest, y), zero, dtype="bool")
    return g.elementwise("Where", other, g.elementwise("Add", rest, y), rest, dtype=x.dtype)


@primitive("where")
def where(g: Any, condition: Any, x: Any, y: Any) -> Any:
    """One or the other; bools through bytes, which onnxruntime has kernels for."""
    if x.dtype != "bool":
        through = _WIDER.get(x.dtype) if x.dtype != "uint8" else None
        if through is not None or x.dtype in ("bfloat16",):
            wide = [g.cast(v, through or "float32") for v in (x, y)]
            return g.cast(g.elementwise("Where", condition, *wide, dtype=wide[0].dtype), x.dtype)
        return g.elementwise("Where", condition, x, y, dtype=x.dtype)
    chosen = g.elementwise("Where", condition, *(g.cast(v, "uint8") for v in (x, y)), dtype="uint8")
    return g.cast(chosen, "bool")


@primitive("arctan2")
def arctan2(g: Any, y: Any, x: Any) -> Any:
    """By the arctangent of the quotient, and half a turn where x is negative."""
    pi, zero = 3.141592653589793, g.constant(0, x.dtype)
    below = g.elementwise("Less", x, zero, dtype="bool")
    upright = g.elementwise("Equal", x, zero, dtype="bool")
    angle = g.elementwise("Atan", g.elementwise("Div", y, g.elementwise("Where", upright, 1.0, x, dtype=x.dtype)))
    negative = g.elementwise("Less", y, zero, dtype="bool")
    turn = g.elementwise("Where", negative, g.constant(-pi, x.dtype), g.constant(pi, x.dtype), dtype=x.dtype)
    angle = g.elementwise("Where", below, g.elementwise("Add", angle, turn), angle, dtype=x.dtype)
    right = multiply(g, g.elementwise("Sign", y), pi / 2)
    return g.elementwise("Where", upright, right, angle, dtype=x.dtype)


def _bits(g, kind, x, y):
    if x.dtype == "bool":
        return g.elementwise(kind, x, y)
    if g.opset >= 18:
        return g.elementwise(f"Bitwise{kind}", x, y, dtype=x.dtype)
    raise ValueError(f"Bitwise operations on ints came to ONNX with opset 18: pass `opset_version=18`, got {g.opset}.")


def _shifted(g, direction, x, y):
    if x.dtype[0] == "u":
        return g.elementwise("BitShift", x, y, direction=direction, dtype=x.dtype)
    power = g.cast(g.elementwise("Pow", g.constant(2.0, "float64"), g.cast(y, "float64")), x.dtype)
    return multiply(g, x, power) if direction == "LEFT" else floor_divide(g, x, power)
