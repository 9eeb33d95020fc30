"""Primitives that move elements and compute nothing: reshape, transpose, broadcast, slice, pad, join, flip, wait."""

from __future__ import annotations

from typing import Any

from kerasish.backend.primitives.arithmetic import unbroadcast
from kerasish.backend.primitives.costs import LOOKUP, VIEW
from kerasish.backend.primitives.families import computed, moved, view
from kerasish.backend.primitives.primitive import Primitive, Spec, gradient_of, p
from kerasish.backend.primitives.shapes import broadcast, normalize_axes, normalize_axis, product, same_dtype
from kerasish.backend.primitives.traits import ANYTHING, Again, Hoist, Role, Sign
from kerasish.backend.sizes import Size, largest, unlike, unlike_shapes
from kerasish.typing import Axis, TensorLike


def _reshape_shape(x, shape):
    """One None in `shape` is allowed where the input has an unknown size too."""
    known, total = product(d for d in shape if d is not None), product(x.shape)
    if None not in shape and unlike(known, total):
        raise ValueError(f"Can't reshape {tuple(x.shape)} ({total} elements) to {tuple(shape)} ({known} elements).")
    return Spec(tuple(shape), x.dtype)


_SAME = {"again": Again.FREE, "linear": True, "sign": Sign.AS_OPERANDS}
full: Primitive = moved("full", lambda shape, value, dtype: Spec(tuple(shape), dtype), again=Again.FREE)
reshape: Primitive = view(
    "reshape",
    _reshape_shape,
    lambda node, g: [p.reshape(g, shape=node.inputs[0].shape)],
    fuses=ANYTHING,
    role=Role.SPREADS,
    **_SAME,
)


def _transpose_shape(x, axes):
    if sorted(axes) != list(range(len(x.shape))):
        raise ValueError(f"`axes`={tuple(axes)} is not a permutation of the {len(x.shape)} axes of {tuple(x.shape)}.")
    return Spec(tuple(x.shape[a] for a in axes), x.dtype)


transpose: Primitive = view("transpose", _transpose_shape, **_SAME)


@gradient_of(transpose)
def _transpose(node, g):
    axes = node.attributes["axes"]
    return [p.transpose(g, axes=tuple(axes.index(i) for i in range(len(axes))))]


def _broadcast_shape(x, shape):
    if len(shape) < len(x.shape) or unlike_shapes(broadcast(x.shape, shape), shape):
        raise ValueError(f"Can't broadcast {tuple(x.shape)} to {tuple(shape)}.")
    return Spec(tuple(shape), x.dtype)


broadcast_to: Primitive = view("broadcast_to", _broadcast_shape, fuses=ANYTHING, role=Role.SPREADS, **_SAME)


@gradient_of(broadcast_to)
def _broadcast_to(node, g):
    return [unbroadcast(g, node.inputs[0])]


def _concatenate_shape(*inputs, axis):
    rank = len(inputs[0].shape)
    axis = normalize_axis(axis, rank)
    first = inputs[0].shape
    if any(
        len(x.shape) != rank or any(i != axis and unlike(d, first[i]) for i, d in enumerate(x.shape)) for x in inputs
    ):
        raise ValueError(
            f"Can't concatenate along axis {axis}: the shapes {[tuple(x.shape) for x in inputs]} differ elsewhere."
        )
    sizes = [x.shape[axis] for x in inputs]
    joined = None if None in sizes else sum(sizes)
    others = [_known_size(x.shape[i] for x in inputs) for i in range(rank)]
    return Spec(tuple(joined if i == axis else others[i] for i in range(rank)), same_dtype("concatenate", *inputs))


def _known_size(sizes):
    """An int among sizes that are one, or else an open one."""
    sizes = [d for d in sizes if d is not None]
    return next((d for d in sizes if type(d) is not Size), sizes[0] if sizes else None)


concatenate: Primitive = moved("concatenate", _concatenate_shape)


@gradient_of(concatenate)
def _concatenate(node, g):
    axis = node.attributes["axis"] % len(g.shape)
    found, start = [], 0
    for x in node.inputs:
        found.append(slice_axis(g, axis, start, start + x.shape[axis]))
        start += x.shape[axis]
    return found


def slice_axis(x: TensorLike, axis: Axis, start: Any, stop: Any) -> Any:
    """Elements `start` to `stop` along one axis."""
    lower, upper = [0] * len(x.shape), list(x.shape)
    lower[axis], upper[axis] = start, stop
    return p.slice(x, start=tuple(lower), stop=tuple(upper), strides=(1,) * len(x.shape))


def _slice_shape(x, start, stop, strides):
    """The shape between `start` and `stop`, in steps of `strides`.

    One int an axis, 0 <= start <= stop <= size, strides >= 1 (a None stop: to the end).
    """
    sizes = []
    for d, a, b, s in zip(x.shape, start, stop, strides):
        b = d if b is None else b
        sizes.append(None if b is None else largest(0, -(-(b - a) // s)))
    return Spec(tuple(sizes), x.dtype)


slice: Primitive = view("slice", _slice_shape, again=Again.CHEAP, linear=True, sign=Sign.AS_OPERANDS)
slice_gradient: Primitive = moved(
    "slice_gradient", lambda g, start, stop, strides, shape: Spec(tuple(shape), g.dtype), linear=True
)


@gradient_of(slice)
def _slice(node, g):
    return [p.slice_gradient(g, **node.attributes, shape=node.inputs[0].shape)]


@gradient_of(slice_gradient)
def _slice_gradient(node, g):
    where = {key: node.attributes[key] for key in ("start", "stop", "strides")}
    return [p.slice(g, **where)]


def _dynamic_slice_shape(x, start, sizes):
    if tuple(start.shape) != (len(x.shape),):
        raise ValueError(
            f"`start` must hold one index for each of {len(x.shape)} axes, got shape {tuple(start.shape)}."
        )
    return Spec(tuple(sizes), x.dtype)


def _dynamic_update_shape(x, start, update):
    if len(update.shape) != len(x.shape):
        raise ValueError(f"`update` must have {len(x.shape)} axes, got shape {tuple(update.shape)}.")
    return Spec(tuple(x.shape), same_dtype("dynamic_update", x, update))


# `start` is a vector of ints known only when it runs; as in XLA it is clamped so that the window fits.
dynamic_slice: Primitive = moved("dynamic_slice", _dynamic_slice_shape, cost=LOOKUP)
dynamic_update: Primitive = moved("dynamic_update", _dynamic_update_shape)


@gradient_of(dynamic_slice)
def _dynamic_slice(node, g):
    x, start = node.inputs
    return [p.dynamic_update(_zeros(x), start, g), None]


@gradient_of(dynamic_update)
def _dynamic_update(node, g):
    _, start, update = node.inputs
    return [p.dynamic_update(g, start, _zeros(update)), None, p.dynamic_slice(g, start, sizes=update.shape)]


def _zeros(x):
    return p.full(shape=tuple(x.shape), value=0.0, dtype=x.dtype)


def _pad_shape(x, widths, value):
    if len(widths) != len(x.shape):
        raise ValueError(f"`widths` must have one pair for each of {len(x.shape)} axes, got {widths}.")
    return Spec(tuple(None if d is None else d + a + b for d, (a, b) in zip(x.shape, widths)), x.dtype)


pad: Primitive = moved("pad", _pad_shape, linear=True)  # as far as zeros are put there


@gradient_of(pad)
def _pad(node, g):
    widths, x = node.attributes["widths"], node.inputs[0]
    if any(a < 0 or b < 0 for a, b in widths):
        return [p.pad(g, widths=tuple((-a, -b) for a, b in widths), value=0.0)]
    start = tuple(a for a, _ in widths)
    return [p.slice(g, start=start, stop=tuple(a + d for a, d in zip(start, x.shape)), strides=(1,) * len(start))]


def _flip_shape(x, axis):
    normalize_axes(axis, len(x.shape))
    return Spec(tuple(x.shape), x.dtype)


flip: Primitive = moved(
    "flip",
    _flip_shape,
    lambda node, g: [p.flip(g, axis=node.attributes["axis"])],
    hoists=Hoist.WITH_READERS,
    linear=True,
)

# The first operand, not before the second is there. It is not pure: no pass makes it one with another call, so what
# reads it stays apart from what reads the operand itself.
wait_for: Primitive = computed(
    "wait_for",
    lambda x, after: Spec(tuple(x.shape), x.dtype),
    lambda node, g: [g, None],
    cost=VIEW,
    view=True,
    computes=False,
    complex=True,
    pure=False,
    hoists=Hoist.NEVER,
    again=Again.FREE,
)
