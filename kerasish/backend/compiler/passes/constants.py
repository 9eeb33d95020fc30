"""Pass `constants`.

What is the same everywhere is handed to elementwise calls as one number, and a broadcast operand as it was before.

(Calls on constants alone are computed by the walk itself, see `Rewriter`, up to 16,384 elements.)
"""

from __future__ import annotations

from kerasish.backend.compiler.passes.rules import Rules
from kerasish.backend.primitives.shapes import broadcast

RULES: Rules = Rules()


def _is_elementwise(traits):
    return traits.elementwise


@RULES.having(_is_elementwise, first=True)
def _all_numbers(node, rewriter):
    """A call on numbers that are the same everywhere gives one number everywhere, computed once."""
    output = node.outputs[0]
    if len(node.inputs) < 2 or not output.shape or any(rewriter.number(x) is None for x in node.inputs):
        return None
    scalars = [rewriter.scalar(rewriter.number(x), x.dtype) for x in node.inputs]
    value = rewriter.number(rewriter.call(node.operation, scalars, node.attributes))
    return None if value is None else rewriter.full(value, output)


@RULES.having(_is_elementwise, first=True)
def _narrow_operands(node, rewriter):
    """`x * full(shape, c)` is x * c, and x * broadcast_to(y, shape) is x * y, as long as x has the shape.

    Exact: operands broadcast anyway.
    """
    if len(node.inputs) < 2:
        return None
    inputs, changed = list(node.inputs), False
    for index, x in enumerate(inputs):
        if not x.shape:
            continue
        value = rewriter.number(x)
        if value is not None:
            narrow = rewriter.scalar(value, x.dtype)
        else:
            source = rewriter.maker(x, "broadcast_to")
            if source is None:
                continue
            narrow = source.inputs[0]
        inputs[index] = narrow
        if broadcast(*[y.shape for y in inputs]) == node.outputs[0].shape:
            changed = True
        else:
            inputs[index] = x
    return rewriter.call(node.operation, inputs, node.attributes) if changed else None
