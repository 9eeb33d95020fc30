"""Pass `scalars`: factors and divisors that are known when the graph is compiled.

(x a) b becomes x (a b) where both factors are at least 1 in size, or both at most 1, and a b is an ordinary number:
then x a overflows only where the result does too, and one rounding takes the place of two. With one factor above 1 and
one below, x a may be infinite where x (a b) is not: left alone. Nothing is distributed over sums, and sums of constants
are not joined: those would lose digits.
"""

from __future__ import annotations

import math

from kerasish.backend.compiler.passes.neutral import float_number, is_ordinary, operand_and_number
from kerasish.backend.compiler.passes.rules import Rules

RULES: Rules = Rules()


def _joined(a, b, dtype):
    """Whether two multiplications may be one."""
    same_side = (abs(a) >= 1 and abs(b) >= 1) or (abs(a) <= 1 and abs(b) <= 1)
    return same_side and is_ordinary(a, dtype) and is_ordinary(b, dtype) and is_ordinary(a * b, dtype)


@RULES.of("multiply")
def _minus_one(node, rewriter):
    """`x (-1)` is -x."""
    found = operand_and_number(rewriter, node)
    return rewriter.make("negative", found[0]) if found and found[1] == -1.0 else None


@RULES.of("multiply")
def _factor_of_factor(node, rewriter):
    """(x a) b is x (a b)."""
    found = operand_and_number(rewriter, node)
    inner = found and rewriter.maker(found[0], "multiply")
    if not inner:
        return None
    within = operand_and_number(rewriter, inner)
    if within is None or not _joined(found[1], within[1], node.outputs[0].dtype):
        return None
    return rewriter.make("multiply", within[0], rewriter.scalar(found[1] * within[1], node.outputs[0].dtype))


@RULES.of("divide")
def _power_of_two(node, rewriter):
    """`x / 2^k` is x 2^-k, exactly; a division takes four times as long as a product."""
    x, y = node.inputs
    divisor = float_number(rewriter, y)
    if not divisor or x.shape != node.outputs[0].shape or abs(math.frexp(divisor)[0]) != 0.5:
        return None
    if not (is_ordinary(divisor, x.dtype) and is_ordinary(1 / divisor, x.dtype)):
        return None
    return rewriter.make("multiply", x, rewriter.scalar(1 / divisor, x.dtype))


@RULES.of("divide")
def _reciprocal(node, rewriter):
    """1 / x is reciprocal(x)."""
    x, y = node.inputs
    return (
        rewriter.make("reciprocal", y)
        if y.shape == node.outputs[0].shape and float_number(rewriter, x) == 1.0
        else None
    )
