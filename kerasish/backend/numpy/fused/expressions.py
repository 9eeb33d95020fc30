"""One node as one line of a kernel, in the words of `native/vocabulary.py`."""

from __future__ import annotations

from math import copysign
from typing import Any, NamedTuple

from kerasish.backend.float_formats import HALVES
from kerasish.backend.lowbits.widening import WIDE
from kerasish.backend.numpy import blueprint
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.traits import Role
from kerasish.typing import DTypeLike, TensorLike

_EXPRESSIONS, _IN_LIBRARIES, _OF_INTEGERS, _ACCUMULATIONS = {}, {}, {}, {}


class Accumulation(NamedTuple):
    """How a reduction goes along a row.

    Attributes:
        join: the word that joins the number so far and the next one. start: the float to begin with.
        least: what the integer to begin with is called, before its dtype; None where there are floats only.
    """

    join: str
    start: str
    least: str | None = None


def expression(name: str, text: str) -> None:
    """Primitive `name` is `text`, of its operands {0}, {1}, ...; {T} is the dtype of the first."""
    _EXPRESSIONS[name] = text


def in_libraries(name: str, text: str) -> None:
    """As `expression`, for kernels of libraries for C, where no NumPy computes the primitive better."""
    _IN_LIBRARIES[name] = text


def of_integers(name: str, text: str) -> None:
    """As `expression`, where the operand is an integer."""
    _OF_INTEGERS[name] = text


expression("add", "{0} + {1}")
expression("subtract", "{0} - {1}")
expression("multiply", "{0} * {1}")
expression("divide", "{0} / {1}")
expression("maximum", "fmax({0}, {1})")
expression("minimum", "fmin({0}, {1})")
expression("equal", "{0} == {1}")
expression("not_equal", "{0} != {1}")
expression("less", "{0} < {1}")
expression("less_equal", "{0} <= {1}")
expression("greater", "{0} > {1}")
expression("greater_equal", "{0} >= {1}")
expression("logical_and", "{0} & {1}")
expression("logical_or", "{0} | {1}")
expression("logical_xor", "{0} != {1}")
expression("power", "{0} ** {1}")
expression("where", "{1} if {0} else {2}")
expression("negative", "-{0}")
expression("absolute", "fabs({0})")
expression("square", "{0} * {0}")
expression("relu", "fmax({0}, {T}(0))")
expression("identity", "{0}")
expression("stop_gradient", "{0}")
expression("reciprocal", "{T}(1) / {0}")
expression("isfinite", "fabs({0}) < {T}(inf)")
expression("isinf", "fabs({0}) == {T}(inf)")
expression("isnan", "{0} != {0}")
expression("logical_not", "not {0}")
expression("floor", "floor_({0})")
expression("ceil", "ceil_({0})")
expression("trunc", "trunc_({0})")
expression("round", "round_({0})")
expression("sign", "sign({0})")
expression("exp", "exp({0})")
expression("expm1", "expm1({0})")
expression("log", "log({0})")
expression("log1p", "log1p({0})")
expression("sqrt", "sqrt({0})")
expression("rsqrt", "rsqrt({0})")
expression("softplus", "softplus({0})")
expression("sigmoid", "sigmoid({0})")
expression("tanh", "tanh({0})")
expression("erf", "erf({0})")
expression("erfc", "erfc({0})")

# What NumPy does better, and a library has to do without it.
in_libraries("sin", "c_sin({0})")
in_libraries("cos", "c_cos({0})")
in_libraries("tan", "c_tan({0})")
in_libraries("arcsin", "c_asin({0})")
in_libraries("arccos", "c_acos({0})")
in_libraries("arctan", "c_atan({0})")
in_libraries("sinh", "c_sinh({0})")
in_libraries("cosh", "c_cosh({0})")
in_libraries("arcsinh", "c_asinh({0})")
in_libraries("arccosh", "c_acosh({0})")
in_libraries("arctanh", "c_atanh({0})")
in_libraries("arctan2", "c_atan2({0}, {1})")
in_libraries("floor_divide", "quotient({0}, {1})")
in_libraries("remainder", "remainder({0}, {1})")
in_libraries("bitwise_and", "{0} & {1}")
in_libraries("bitwise_or", "{0} | {1}")
in_libraries("bitwise_xor", "{0} ^ {1}")
in_libraries("bitwise_not", "~{0}")
in_libraries("left_shift", "{0} << {1}")
in_libraries("right_shift", "{0} >> {1}")

of_integers("absolute", "abs({0})")
of_integers("sign", "({T}({0} > {T}(0)) - {T}({0} < {T}(0)))")
of_integers("floor", "{0}")
of_integers("ceil", "{0}")
of_integers("trunc", "{0}")
of_integers("round", "{0}")

_ACCUMULATIONS["sum"] = Accumulation("vectorized", "0")
_ACCUMULATIONS["max"] = Accumulation("fmax", "-inf", least="min")
_ACCUMULATIONS["min"] = Accumulation("fmin", "inf", least="max")


def accumulation(node: Any) -> Accumulation:
    """How the reduction `node` goes along a row."""
    return _ACCUMULATIONS[node.operation.name]


def is_sayable(node: Any) -> bool:
    """Whether a kernel can do what `node` does; what it can't, blocks of NumPy calls do."""
    operation = node.operation
    if blueprint.current() is not None and operation.name in _IN_LIBRARIES:
        return True
    return operation.traits.role is not Role.NONE or operation.name in _EXPRESSIONS or operation.traits.converts


def computed(dtype: str) -> str:
    """The type in which a kernel has values of `dtype`: halves are memory's alone."""
    return WIDE if dtype in HALVES else dtype


def line(node: Any, operands: Any) -> Any:
    """The expression for `node`, given its operands as expressions of the operands' dtypes."""
    before, after = computed(node.inputs[0].dtype), node.outputs[0].dtype
    if node.operation is p.cast:
        return _cast(operands[0], node.inputs[0].dtype, after)
    if node.operation is p.narrow:  # rounded where it is stored
        return operands[0]
    after = computed(after)
    text = _text(node.operation.name, before).format(*operands, T=before)
    return text if after == "bool" else f"{after}({text})"


def _text(name, dtype):
    if name in _OF_INTEGERS and "int" in dtype:
        return _OF_INTEGERS[name]
    return _EXPRESSIONS[name] if name in _EXPRESSIONS else _IN_LIBRARIES[name]


def _cast(operand, before, after):
    if after == computed(before):  # of a half to its own type it rounds: it may not have been stored
        return operand
    if after == "bool":
        return f"{operand} != {computed(before)}(0)"
    return f"{after}(1) if {operand} else {after}(0)" if before == "bool" else f"{after}({operand})"


def literal(value: TensorLike, dtype: DTypeLike) -> Any:
    """A number that is worth its own kernel (0 and 1); None for any other, -0.0 among them, which is an argument."""
    if dtype == "bool":
        return "True" if value else "False"
    dtype = computed(dtype)
    return f"{dtype}({int(value)})" if value in (0, 1) and copysign(1, value) > 0 else None
