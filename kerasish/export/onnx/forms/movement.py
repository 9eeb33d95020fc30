"""Primitives that move elements and compute nothing."""

from __future__ import annotations

from typing import Any

from kerasish.backend.sizes import Size, is_open
from kerasish.export.onnx.forms.words import formula, primitive
from kerasish.export.onnx.value import inverse

_END = 2**31 - 1  # a slice to the end of an axis

formula("reshape", lambda g, x, shape: g.reshape(x, shape))
formula("transpose", lambda g, x, axes: g.transpose(x, axes))
formula("wait_for", lambda g, x, after: x)


@primitive("broadcast_to")
def broadcast_to(g: Any, x: Any, shape: Any) -> Any:
    """Sizes of 1 stretched; below the order of axes that x has."""
    base, axes = g.seen(x)
    if len(axes) == len(shape) and x.base is not None:
        below = [shape[i] for i in inverse(axes)]
        return g.viewed(g.op("Expand", base, g.vector(below), shape=below), axes)
    return g.op("Expand", x, g.vector(shape), shape=shape)


@primitive("concatenate")
def concatenate(g: Any, *inputs: Any, axis: int) -> Any:
    """Joined along one axis, below the order of axes of the first that has one."""
    rank = inputs[0].rank
    axis %= rank
    axes = next((x.axes for x in inputs if x.base is not None), tuple(range(rank)))
    if any(x.base is not None for x in inputs):
        inputs = [g.under(x, axes) for x in inputs]
    if inputs[0].dtype == "bool":
        return g.viewed(g.cast(_joined(g, [g.cast(x, "uint8") for x in inputs], axes[axis]), "bool"), axes)
    return g.viewed(_joined(g, inputs, axes[axis]), axes)


def _joined(g, inputs, axis):
    shape = list(inputs[0].shape)
    for x in inputs[1:]:
        shape[axis] = shape[axis] + x.shape[axis]
    return g.op("Concat", *inputs, axis=axis, shape=shape)


def _is_whole(start, stop, stride, size):
    if is_open(start) or start != 0 or stride != 1:
        return False
    return stop is None or (type(stop) is type(size) and (stop.key == size.key if type(stop) is Size else stop == size))


@primitive("slice")
def slice_(g: Any, x: Any, start: Any, stop: Any, strides: Any) -> Any:
    """Between start and stop, in steps; axes that are taken whole are not named."""
    base, axes = g.seen(x)
    cut = [i for i in range(x.rank) if not _is_whole(start[i], stop[i], strides[i], x.shape[i])]
    if not cut:
        return x
    ends = [_END if stop[i] is None else stop[i] for i in cut]
    shape = list(base.shape)
    for i in cut:
        end = x.shape[i] if stop[i] is None else stop[i]
        shape[axes[i]] = -(-(end - start[i]) // strides[i])
    parts = ([start[i] for i in cut], ends, [axes[i] for i in cut], [strides[i] for i in cut])
    return g.viewed(g.op("Slice", base, *map(g.vector, parts), shape=shape), axes)


@primitive("slice_gradient")
def slice_gradient(g: Any, x: Any, start: Any, stop: Any, strides: Any, shape: Any) -> Any:
    """Put back into zeros; steps of one, which pads can say."""
    if any(s != 1 for s in strides):
        raise ValueError("A slice in steps that is put back has no form in ONNX.")
    ends = [n - a - m for n, a, m in zip(shape, start, x.shape)]
    return pad(g, x, tuple(zip(start, ends)), 0)


@primitive("pad")
def pad(g: Any, x: Any, widths: Any, value: Any) -> Any:
    """Points around; negative widths cut off."""
    base, axes = g.seen(x)
    below = [widths[i] for i in inverse(axes)]
    pads = g.vector([before for before, _ in below] + [after for _, after in below])
    shape = [n + before + after for n, (before, after) in zip(base.shape, below)]
    wide = g.cast(base, "int32") if base.dtype in ("int16", "uint16", "bfloat16") else base
    out = g.op("Pad", wide, pads, g.constant(value, wide.dtype), shape=shape)
    return g.viewed(g.cast(out, x.dtype), axes)


@primitive("flip")
def flip(g: Any, x: Any, axis: Any) -> Any:
    """Taken backwards along axes."""
    base, axes = g.seen(x)
    flipped = [axes[a] for a in (range(x.rank) if axis is None else [axis] if isinstance(axis, int) else axis)]
    count = len(flipped)
    parts = ([-1] * count, [-_END - 1] * count, flipped, [-1] * count)
    return g.viewed(g.op("Slice", base, *map(g.vector, parts), shape=base.shape), axes)


def _clamped(g, start, x_shape, sizes):
    """A start, so that the window fits."""
    zero = g.constant([0], "int64")
    most = g.vector([n - m for n, m in zip(x_shape, sizes)])
    return g.op("Max", g.op("Min", g.cast(start, "int64"), most, shape=start.shape), zero, shape=start.shape)


@primitive("dynamic_slice")
def dynamic_slice(g: Any, x: Any, start: Any, sizes: Any) -> Any:
    """A window whose start only the run knows."""
    first = _clamped(g, start, x.shape, sizes)
    last = g.op("Add", first, g.vector(sizes), shape=start.shape)
    return g.op("Slice", x, first, last, g.constant(list(range(x.rank)), "int64"), shape=sizes)


@primitive("dynamic_update")
def dynamic_update(g: Any, x: Any, start: Any, update: Any) -> Any:
    """A window written over: the update in its place, between what is kept."""
    first = _clamped(g, start, x.shape, update.shape)
    after = g.op("Sub", g.vector([n - m for n, m in zip(x.shape, update.shape)]), first, shape=start.shape)
    pads = g.op("Concat", first, after, axis=0, shape=(2 * x.rank,))
    number = g.cast(update, "uint8") if x.dtype == "bool" else update
    moved = g.op("Pad", number, pads, g.constant(0, number.dtype), shape=x.shape)
    ones = g.op("Expand", g.constant(1, "int32"), g.vector(update.shape), shape=update.shape)
    inside = g.cast(g.op("Pad", ones, pads, g.constant(0, "int32"), shape=x.shape), "bool")
    number = g.cast(x, "uint8") if x.dtype == "bool" else x
    return g.cast(g.elementwise("Where", inside, moved, number, dtype=number.dtype), x.dtype)
