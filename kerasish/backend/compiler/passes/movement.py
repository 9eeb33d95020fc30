"""Pass `layout`: moves of elements after moves of elements become one move, and a constant value moves nowhere.

All exact.

A transpose before a matrix product is left alone: the kernels take a transposed operand as it lies, so absorbing it
saves nothing.
"""

from __future__ import annotations

from kerasish.backend.compiler.passes.rules import Rules
from kerasish.backend.primitives.shapes import normalize_axes

RULES: Rules = Rules()


@RULES.of("reshape")
@RULES.of("transpose")
@RULES.of("broadcast_to")
@RULES.of("slice")
@RULES.of("flip")
def _moved_number(node, rewriter):
    """Wherever its elements go, full(c) stays full(c).

    (A number without axes that is broadcast is a view already, which costs less.)
    """
    x = node.inputs[0]
    value = rewriter.number(x) if x.shape else None
    return None if value is None else rewriter.full(value, node.outputs[0])


@RULES.of("reshape")
def _reshape(node, rewriter):
    """reshape(reshape(x)) is one reshape.

    So is the reshape of a transpose that moves axes of size 1 only (see `_transpose`).
    """
    inner = rewriter.maker(node.inputs[0], "reshape")
    return None if inner is None else rewriter.make("reshape", inner.inputs[0], shape=node.outputs[0].shape)


@RULES.of("transpose")
def _transpose(node, rewriter):
    """transpose(transpose(x)) is one transpose.

    Where only axes of size 1 change places it is a reshape, which needs no copy later on.
    """
    x, axes = node.inputs[0], node.attributes["axes"]
    inner = rewriter.maker(x, "transpose")
    if inner is not None:
        return rewriter.make("transpose", inner.inputs[0], axes=tuple(inner.attributes["axes"][a] for a in axes))
    long = [a for a in axes if x.shape[a] != 1]
    if long == sorted(long) and rewriter.maker(x, "broadcast_to") is None:
        return rewriter.make("reshape", x, shape=node.outputs[0].shape)
    return None


@RULES.of("broadcast_to")
def _broadcast(node, rewriter):
    """broadcast(broadcast(x)) is one; a broadcast that only adds axes of size 1 is a reshape."""
    x, output = node.inputs[0], node.outputs[0]
    inner = rewriter.maker(x, "broadcast_to")
    if inner is not None:
        return rewriter.make("broadcast_to", inner.inputs[0], shape=output.shape)
    added = len(output.shape) - len(x.shape)
    if output.shape[:added] == (1,) * added and output.shape[added:] == x.shape:
        return rewriter.make("reshape", x, shape=output.shape)
    return None


@RULES.of("slice")
def _slice(node, rewriter):
    """slice(slice(x)) is one."""
    inner = rewriter.maker(node.inputs[0], "slice")
    if inner is None:
        return None
    start, stop, strides = [], [], []
    for size, a, b, s, first, step in zip(
        node.inputs[0].shape,
        node.attributes["start"],
        node.attributes["stop"],
        node.attributes["strides"],
        inner.attributes["start"],
        inner.attributes["strides"],
    ):
        last = min(size if b is None else b, size)
        start.append(first + a * step)
        stop.append(first + max(last - 1, a - 1) * step + 1 if last > a else first + a * step)
        strides.append(s * step)
    return rewriter.make("slice", inner.inputs[0], start=tuple(start), stop=tuple(stop), strides=tuple(strides))


@RULES.of("flip")
def _flip(node, rewriter):
    """flip(flip(x)) over the same axes is x."""
    inner = rewriter.maker(node.inputs[0], "flip")
    if inner is None:
        return None
    rank = len(node.outputs[0].shape)
    same = normalize_axes(inner.attributes["axis"], rank) == normalize_axes(node.attributes["axis"], rank)
    return inner.inputs[0] if same else None
