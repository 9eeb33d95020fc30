"""Pass `powers`: powers with a small constant exponent, which cost a tenth as products and roots.

x ** 0.5 is sqrt(x) only where x is known not to be negative: for -infinity the power is +infinity, the root NaN.
"""

from __future__ import annotations

from typing import Any

from kerasish.backend.compiler.passes.neutral import float_number
from kerasish.backend.compiler.passes.rules import Rules
from kerasish.backend.dtypes import FLOATS
from kerasish.backend.primitives.traits import Sign
from kerasish.typing import TensorLike

RULES: Rules = Rules()
_DEPTH = 8  # how far back a sign is looked for


def is_positive_or_zero(rewriter: Any, tensor: TensorLike, depth: int = _DEPTH) -> bool:
    """Whether no element of `tensor` can be negative, nor -0."""
    value = rewriter.number(tensor)
    if value is not None:
        return value >= 0 and not str(value).startswith("-")
    node = rewriter.made_by.get(tensor)
    if node is None or depth == 0:
        return False
    sign = node.operation.traits.sign
    if sign is Sign.AS_OPERANDS:
        return all(is_positive_or_zero(rewriter, x, depth - 1) for x in node.inputs)
    return sign is Sign.NEVER_NEGATIVE


@RULES.of("power")
def _power(node, rewriter):
    x, exponent = node.inputs
    output = node.outputs[0]
    if x.dtype not in FLOATS or x.shape != output.shape:
        return None
    value = float_number(rewriter, exponent)
    if value == 0.0:
        return rewriter.full(1.0, output)  # also where x is NaN
    if value == 2.0:
        return rewriter.make("square", x)
    if value == 3.0:  # two roundings of half a last place each
        return rewriter.make("multiply", rewriter.make("square", x), x)
    if value == -1.0:
        return rewriter.make("reciprocal", x)
    if value in (0.5, -0.5) and is_positive_or_zero(rewriter, x):
        return rewriter.make("sqrt" if value > 0 else "rsqrt", x)
    return None


@RULES.of("multiply")
def _multiply(node, rewriter):
    """`x x` is square(x), which reads one operand."""
    x, y = node.inputs
    return rewriter.make("square", x) if x is y and x.dtype in FLOATS else None
