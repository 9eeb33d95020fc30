"""One node as one line of a kernel, in the words of `native/vocabulary.py`."""

from __future__ import annotations

from math import copysign
from typing import Any

from kerasish.typing import DTypeLike, TensorLike

_BINARY = {
    "add": "{0} + {1}",
    "subtract": "{0} - {1}",
    "multiply": "{0} * {1}",
    "divide": "{0} / {1}",
    "maximum": "fmax({0}, {1})",
    "minimum": "fmin({0}, {1})",
    "equal": "{0} == {1}",
    "not_equal": "{0} != {1}",
    "less": "{0} < {1}",
    "less_equal": "{0} <= {1}",
    "greater": "{0} > {1}",
    "greater_equal": "{0} >= {1}",
    "logical_and": "{0} & {1}",
    "logical_or": "{0} | {1}",
    "logical_xor": "{0} != {1}",
    "power": "{0} ** {1}",
    "where": "{1} if {0} else {2}",
}
_UNARY = {
    "negative": "-{0}",
    "absolute": "fabs({0})",
    "square": "{0} * {0}",
    "relu": "fmax({0}, {T}(0))",
    "identity": "{0}",
    "stop_gradient": "{0}",
    "reciprocal": "{T}(1) / {0}",
    "isfinite": "fabs({0}) < {T}(inf)",
    "isinf": "fabs({0}) == {T}(inf)",
    "isnan": "{0} != {0}",
    "logical_not": "not {0}",
    "floor": "floor_({0})",
    "ceil": "ceil_({0})",
    "trunc": "trunc_({0})",
    "round": "round_({0})",
}
_CALLED = {"sign", "exp", "expm1", "log", "log1p", "sqrt", "rsqrt", "softplus", "sigmoid", "tanh", "erf", "erfc"}


def line(node: Any, operands: Any) -> Any:
    """The expression for `node`, given its operands as expressions of the operands' dtypes."""
    name, before, after = node.operation.name, node.inputs[0].dtype, node.outputs[0].dtype
    if name == "cast":
        return _cast(operands[0], before, after)
    if name in _CALLED:
        text = f"{name}({operands[0]})"
    else:
        text = (_BINARY.get(name) or _UNARY[name]).format(*operands, T=before)
    return text if after == "bool" else f"{after}({text})"


def _cast(operand, before, after):
    if after == before:
        return operand
    if after == "bool":
        return f"{operand} != {before}(0)"
    return f"{after}(1) if {operand} else {after}(0)" if before == "bool" else f"{after}({operand})"


def literal(value: TensorLike, dtype: DTypeLike) -> Any:
    """A number that is worth its own kernel (0 and 1); None for any other, -0.0 among them, which is an argument."""
    if dtype == "bool":
        return "True" if value else "False"
    return f"{dtype}({int(value)})" if value in (0, 1) and copysign(1, value) > 0 else None
