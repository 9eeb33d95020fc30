"""Pass `signs`: minus signs that cancel, or that an addition takes along. All exact: a sign is one bit.

They are moved outwards, through products, sums and reshapes, towards an addition and towards smaller tensors. -(x - y)
is not made y - x: where x equals y that would be +0 in place of -0.
"""

from __future__ import annotations

from kerasish.backend.compiler.passes.neutral import operand_and_number
from kerasish.backend.compiler.passes.rules import Rules
from kerasish.backend.dtypes import FLOATS
from kerasish.backend.primitives.primitive import p

RULES: Rules = Rules()


def _negated(rewriter, tensor):
    """`x` where `tensor` is -x, else None."""
    node = rewriter.maker(tensor, "negative")
    return None if node is None else node.inputs[0]


@RULES.of("negative")
def _negative(node, rewriter):
    """-(-x) is x; -(x c) is x (-c)."""
    x = node.inputs[0]
    inside = _negated(rewriter, x)
    if inside is not None:
        return inside
    product = rewriter.maker(x, "multiply")
    found = product and operand_and_number(rewriter, product)
    return rewriter.make("multiply", found[0], rewriter.scalar(-found[1], x.dtype)) if found else None


@RULES.of("subtract")
def _subtract(node, rewriter):
    """`x - (-y)` is x + y."""
    x, y = node.inputs
    inside = _negated(rewriter, y)
    return None if inside is None else rewriter.make("add", x, inside)


@RULES.of("add")
def _add(node, rewriter):
    """`x + (-y)` is x - y."""
    x, y = node.inputs
    inside = _negated(rewriter, y)
    if inside is not None:
        return rewriter.make("subtract", x, inside)
    inside = _negated(rewriter, x)
    return None if inside is None else rewriter.make("subtract", y, inside)


@RULES.of("multiply")
@RULES.of("divide")
def _both(node, rewriter):
    """(-x) (-y) is x y, and so for a quotient; (-x) c is x (-c).

    (-x) y is -(x y) where that makes the minus sign no larger.
    """
    x, y = (_negated(rewriter, operand) for operand in node.inputs)
    if x is not None and y is not None:
        return rewriter.call(node.operation, [x, y], {})
    found = operand_and_number(rewriter, node) if node.operation is p.multiply else None
    inside = _negated(rewriter, found[0]) if found else None
    if inside is not None:
        return rewriter.make("multiply", inside, rewriter.scalar(-found[1], inside.dtype))
    first, second = node.inputs
    shape = node.outputs[0].shape
    if x is not None and x.shape == shape:
        return rewriter.make("negative", rewriter.call(node.operation, [x, second], {}))
    if y is not None and y.shape == shape:
        return rewriter.make("negative", rewriter.call(node.operation, [first, y], {}))
    return None


@RULES.of("sum")
@RULES.of("reshape")
def _outwards(node, rewriter):
    """f(-x) is -f(x)."""
    inside = _negated(rewriter, node.inputs[0])
    return (
        None
        if inside is None or inside.dtype not in FLOATS
        else rewriter.make("negative", rewriter.call(node.operation, [inside], node.attributes))
    )


@RULES.having(lambda traits: traits.even)
def _even(node, rewriter):
    """f(-x) is f(x); for an unsigned x, -x is another number."""
    inside = _negated(rewriter, node.inputs[0])
    return None if inside is None or inside.dtype.startswith("u") else rewriter.call(node.operation, [inside], {})


@RULES.of("square")
@RULES.of("absolute")
def _of_absolute(node, rewriter):
    """|x| within a square or another |.| does nothing."""
    inner = rewriter.maker(node.inputs[0], "absolute")
    return None if inner is None else rewriter.call(node.operation, [inner.inputs[0]], {})
