"""One node as one expression of CUDA C; the functions that end in `_` are in `preamble.py`."""

from __future__ import annotations

from math import copysign
from typing import Any, NamedTuple

from kerasish.backend.float_formats import HALVES
from kerasish.backend.lowbits.widening import WIDE
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.traits import Role

_EXPRESSIONS: dict[str, str] = {}
_ACCUMULATIONS: dict[str, Any] = {}
_TYPES = {
    "bool": "bool",
    "int8": "signed char",
    "int16": "short",
    "int32": "int",
    "int64": "long long",
    "uint8": "unsigned char",
    "uint16": "unsigned short",
    "uint32": "unsigned int",
    "uint64": "unsigned long long",
    "float32": "float",
    "float64": "double",
}
_INFINITY = {"float": "__int_as_float(0x7f800000)", "double": "__longlong_as_double(0x7ff0000000000000LL)"}


class Accumulation(NamedTuple):
    """How a reduction goes along a row.

    Attributes:
        join: the function object that joins two numbers. start: dict from a C type to the number to begin with.
    """

    join: str
    start: Any


def expression(name: str, text: str) -> None:
    """Primitive `name` is `text`, of its operands {0}, {1}, ...; {T} is the C type of the first."""
    _EXPRESSIONS[name] = text


expression("add", "{0} + {1}")
expression("subtract", "{0} - {1}")
expression("multiply", "{0} * {1}")
expression("divide", "{0} / {1}")
expression("maximum", "larger_<{T}>({0}, {1})")
expression("minimum", "smaller_<{T}>({0}, {1})")
expression("equal", "{0} == {1}")
expression("not_equal", "{0} != {1}")
expression("less", "{0} < {1}")
expression("less_equal", "{0} <= {1}")
expression("greater", "{0} > {1}")
expression("greater_equal", "{0} >= {1}")
expression("logical_and", "{0} & {1}")
expression("logical_or", "{0} | {1}")
expression("logical_xor", "{0} != {1}")
expression("power", "power_({0}, {1})")
expression("where", "{0} ? {1} : {2}")
expression("negative", "-{0}")
expression("absolute", "absolute_({0})")
expression("square", "{0} * {0}")
expression("relu", "larger_<{T}>({0}, 0)")
expression("identity", "{0}")
expression("stop_gradient", "{0}")
expression("reciprocal", "{T}(1) / {0}")
expression("isfinite", "{0} - {0} == {T}(0)")
expression("isinf", "absolute_({0}) == {INFINITY}")
expression("isnan", "{0} != {0}")
expression("logical_not", "!{0}")
expression("floor", "floor_({0})")
expression("ceil", "ceil_({0})")
expression("trunc", "trunc_({0})")
expression("round", "round_({0})")
expression("sign", "sign_({0})")
expression("exp", "exp_({0})")
expression("expm1", "expm1_({0})")
expression("log", "log_({0})")
expression("log1p", "log1p_({0})")
expression("sqrt", "sqrt_({0})")
expression("rsqrt", "rsqrt_({0})")
expression("softplus", "softplus_({0})")
expression("sigmoid", "sigmoid_({0})")
expression("tanh", "tanh_({0})")
expression("erf", "erf_({0})")
expression("erfc", "erfc_({0})")

_ACCUMULATIONS["sum"] = Accumulation("Add()", lambda kind: f"{kind}(0)")
_ACCUMULATIONS["max"] = Accumulation("Larger()", lambda kind: _extreme(kind, "-"))
_ACCUMULATIONS["min"] = Accumulation("Smaller()", lambda kind: _extreme(kind, ""))


def accumulation(node: Any) -> Accumulation:
    """How the reduction `node` goes along a row."""
    return _ACCUMULATIONS[node.operation.name]


def is_sayable(node: Any) -> bool:
    """Whether a printed kernel can do what `node` does."""
    operation = node.operation
    if operation.traits.role is Role.REDUCES:
        return operation.name in _ACCUMULATIONS
    return operation.traits.role is not Role.NONE or operation.name in _EXPRESSIONS or operation.traits.converts


def computed(dtype: str) -> str:
    """The C type in which a kernel has values of `dtype`."""
    return _TYPES[WIDE if dtype in HALVES else dtype]


def stored(dtype: str) -> str:
    """The C type of memory that holds values of `dtype`: a bool is a byte."""
    return dtype if dtype in HALVES else "unsigned char" if dtype == "bool" else _TYPES[dtype]


def read(text: str, dtype: str) -> str:
    """What memory holds, as a value."""
    return f"read({text})" if dtype in HALVES else f"({text} != 0)" if dtype == "bool" else text


def written(value: str, dtype: str) -> str:
    """A value, as memory holds it."""
    return f"as_{dtype}({value})" if dtype in HALVES else f"({stored(dtype)})({value})" if dtype == "bool" else value


def line(node: Any, operands: list[str]) -> str:
    """The expression for `node`, given its operands as expressions of the operands' types."""
    before, after = computed(node.inputs[0].dtype), node.outputs[0].dtype
    if node.operation is p.cast:
        return _cast(operands[0], node.inputs[0].dtype, after)
    if node.operation is p.narrow:  # rounded where it is stored
        return operands[0]
    text = _EXPRESSIONS[node.operation.name].format(*operands, T=before, INFINITY=_INFINITY.get(before))
    kind = computed(after)
    return f"({kind})({text})" if kind not in ("float", "double", "bool", "int") else text


def _cast(operand, before, after):
    if after == "bool":
        return f"{operand} != 0" if before != "bool" else operand
    if after in HALVES:  # of a half to its own type it rounds too: it may not have been stored
        return f"read(as_{after}({operand}))"
    if computed(after) == computed(before):
        return operand
    return f"({computed(after)}){operand}"


def literal(value: Any, dtype: str) -> str | None:
    """A number that is worth its own kernel (0 and 1); None for any other, -0.0 among them, which is an argument."""
    if dtype == "bool":
        return "true" if value else "false"
    return f"({computed(dtype)}){int(value)}" if value in (0, 1) and copysign(1, value) > 0 else None


def smallest(kind: str) -> str:
    """Minus infinity of a C type of floats."""
    return _extreme(kind, "-")


def _extreme(kind, sign):
    if kind in _INFINITY:
        return f"{sign}{_INFINITY[kind]}"
    bits = {"char": 8, "short": 16, "int": 32, "long long": 64}[kind.removeprefix("signed ").removeprefix("unsigned ")]
    if kind.startswith("unsigned"):
        return f"({kind})0" if sign else f"({kind})~({kind})0"
    if sign:
        return f"({kind})(-{2 ** (bits - 1) - 1}{'LL' if bits == 64 else ''} - 1)"
    return f"({kind}){2 ** (bits - 1) - 1}{'LL' if bits == 64 else ''}"
