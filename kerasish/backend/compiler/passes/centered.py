"""Pass `centered`: the sum of x - mean(x) is 0, without a look at x.

In the gradient of a variance (batch and layer normalisation) stands the sum of a (x - mean(x)) with an `a` that is
constant along the axes summed over: a whole pass over the activations that computes rounding errors. It is made a 0
here, written as 0 * mean(x) * a: NaN or infinity in x or in `a` still comes out as NaN.
"""

from __future__ import annotations

from kerasish.backend.compiler.passes.neutral import float_number
from kerasish.backend.compiler.passes.rules import Rules
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.shapes import normalize_axes, product, reduced

RULES: Rules = Rules()
_DEPTH = 6  # how many factors and terms are looked through


def _is_flat(tensor, rank, axes):
    """Whether `tensor`, broadcast to `rank` axes, is constant along `axes`."""
    missing = rank - len(tensor.shape)
    return all(a < missing or tensor.shape[a - missing] == 1 for a in axes)


def _is_mean(rewriter, m, x, axes):
    """Whether m is sum(x) / n over `axes`, kept with size 1."""
    node = rewriter.maker(m, "multiply")
    if node is None or m.shape != reduced(x.shape, axes, keepdims=True):
        return False
    total, factor = node.inputs
    scale = float_number(rewriter, factor)
    count = product(x.shape[a] for a in axes)
    source = rewriter.maker(total, "reshape")
    node = rewriter.maker(source.inputs[0] if source is not None else total, "sum")
    if node is None or scale is None or abs(scale * count - 1) > 1e-3 or node.inputs[0] is not x:
        return False
    return normalize_axes(node.attributes.get("axis"), len(x.shape)) == axes


def _zero(rewriter, tensor, axes, depth=_DEPTH):
    """If the sum of `tensor` over `axes` is 0 by its making, that 0 as a tensor with axes of size 1; else None."""
    node = rewriter.made_by.get(tensor)
    if node is None or depth == 0 or len(node.outputs) != 1:
        return None
    operation, inputs = node.operation, node.inputs
    if operation is p.subtract and inputs[0].shape == tensor.shape and _is_mean(rewriter, inputs[1], inputs[0], axes):
        return rewriter.make("multiply", inputs[1], rewriter.scalar(0.0, tensor.dtype))
    if operation is p.negative or (operation is p.add and inputs[0] is inputs[1]):
        return _zero(rewriter, inputs[0], axes, depth - 1)
    if operation is p.multiply:
        for x, factor in (inputs, inputs[::-1]):
            if x.shape == tensor.shape and _is_flat(factor, len(tensor.shape), axes):
                zero = _zero(rewriter, x, axes, depth - 1)
                return None if zero is None else rewriter.make("multiply", zero, factor)
    return None


@RULES.of("sum")
def _sum(node, rewriter):
    x, output = node.inputs[0], node.outputs[0]
    if x not in rewriter.made_by or product(x.shape) == 0:
        return None
    axes = normalize_axes(node.attributes.get("axis"), len(x.shape))
    zero = _zero(rewriter, x, axes)
    if zero is not None:
        return rewriter.make("reshape", zero, shape=output.shape)
    terms = rewriter.maker(x, "add")
    for term, other in (terms.inputs, terms.inputs[::-1]) if terms is not None else ():
        zero = _zero(rewriter, other, axes) if term.shape == other.shape else None
        if zero is not None:  # of two terms one sums up to 0
            rest = rewriter.make("sum", term, axis=axes, keepdims=True)
            return rewriter.make("reshape", rewriter.make("add", rest, zero), shape=output.shape)
    return None
