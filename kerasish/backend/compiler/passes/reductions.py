"""Pass `reductions`: sums over copies, and reductions over nothing.

The sum of n equal numbers is made n times the number: one rounding in place of many, and infinite or NaN where the sum
is.
"""

from __future__ import annotations

from kerasish.backend.compiler.passes.rules import Rules
from kerasish.backend.dtypes import FLOATS
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.shapes import normalize_axes, product, reduced
from kerasish.backend.primitives.traits import Role

RULES: Rules = Rules()


def _axes(node):
    return normalize_axes(node.attributes.get("axis"), len(node.inputs[0].shape))


def _goes_along(traits):
    """Of `sum`, `max` and `min`."""
    return traits.role is Role.REDUCES


@RULES.of("prod")
@RULES.having(_goes_along)
def _over_ones(node, rewriter):
    """A reduction over axes of size 1 moves nothing but the shape."""
    x, output = node.inputs[0], node.outputs[0]
    if x.dtype != output.dtype or any(x.shape[a] != 1 for a in _axes(node)):
        return None
    return rewriter.make("reshape", x, shape=output.shape)


@RULES.having(_goes_along)
def _of_number(node, rewriter):
    """The largest of equal numbers is the number, and their sum n times it."""
    x, output = node.inputs[0], node.outputs[0]
    value = rewriter.number(x)
    if value is None or product(x.shape) == 0 or x.dtype not in FLOATS:
        return None
    if node.operation is p.sum:
        value = value * (product(x.shape) // max(1, product(output.shape)))
    return rewriter.full(float(value), output)


def _copied_axes(x, source, axes):
    """Those of `axes` along which `source` was broadcast to `x`."""
    added = len(x.shape) - len(source.shape)
    return [a for a in axes if a < added or (source.shape[a - added] == 1 and x.shape[a] != 1)]


@RULES.having(_goes_along)
def _of_copies(node, rewriter):
    """sum(broadcast_to(y)) is n sum(y), max(broadcast_to(y)) is max(y), where n copies are reduced."""
    x, output = node.inputs[0], node.outputs[0]
    broadcast = rewriter.maker(x, "broadcast_to")
    if broadcast is None or product(x.shape) == 0:
        return None
    source, axes = broadcast.inputs[0], _axes(node)
    copied = _copied_axes(x, source, axes)
    is_sum = node.operation is p.sum
    if not copied or (is_sum and x.dtype not in FLOATS):
        return None
    once = rewriter.make(
        "broadcast_to", _with_axes(rewriter, source, len(x.shape)), shape=reduced(x.shape, copied, keepdims=True)
    )
    attributes = {"axis": axes, "keepdims": node.attributes.get("keepdims", False)}
    result = rewriter.call(node.operation, [once], attributes)
    count = product(x.shape[a] for a in copied)
    return rewriter.make("multiply", result, rewriter.scalar(count, output.dtype)) if is_sum else result


def _with_axes(rewriter, source, rank):
    """`source` with axes of size 1 put before its own."""
    missing = rank - len(source.shape)
    return rewriter.make("reshape", source, shape=(1,) * missing + tuple(source.shape)) if missing else source
