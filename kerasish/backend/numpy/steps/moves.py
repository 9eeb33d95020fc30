"""Primitives that only move elements, as native copies.

Without them a step of NumPy stands between two of the team's, in a loop once a turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.backend.numpy.steps import native_steps
from kerasish.backend.numpy.steps.copies import copy_steps, fill_steps
from kerasish.typing import Axis, IntOrInts, ShapeLike, TensorLike

_MOST_PARTS = 8  # that are joined by a step each, where they are small


def _moved(name, seen, written=None):
    """Primitive `name` is out = seen(x), a view of its operand; `written`: the view of `out` that is written."""

    @native_steps(name)
    def maker(out, x, **attributes):
        target = out if written is None else written(out, x)
        return None if target is None or not out.size else _one(copy_steps(target, seen(x, **attributes), name))

    return maker


def _slices(start, stop, strides):
    return tuple(slice(a, b, s) for a, b, s in zip(start, stop, strides))


_moved("identity", lambda x: x)
_moved("reshape", lambda x, shape: x, lambda out, x: out.reshape(x.shape) if out.flags.c_contiguous else None)
_moved("transpose", lambda x, axes: x.transpose(axes))
_moved("broadcast_to", lambda x, shape: np.broadcast_to(x, shape))
_moved("slice", lambda x, start, stop, strides: x[_slices(start, stop, strides)])
_moved("flip", lambda x, axis: np.flip(x, axis))


def _one(steps):
    """The step of a copy, or None where there is none."""
    return steps[0] if steps else None


def _all_or_none(parts):
    """The steps of several copies; None where one has none."""
    return None if any(part is None for part in parts) else [step for part in parts for step in part]


@native_steps("concatenate")
def concatenate(out: Any, *inputs: Any, axis: Axis) -> Any:
    """A copy for each operand."""
    if len(inputs) > _MOST_PARTS and out.nbytes < _MOST_PARTS * len(inputs) * 1024:
        return None
    parts, start, axis = [], 0, axis % out.ndim
    for x in inputs:
        place = (slice(None),) * axis + (slice(start, start + x.shape[axis]),)
        parts.append(copy_steps(out[place], x, "concatenate"))
        start += x.shape[axis]
    return _all_or_none(parts) if out.size else None


def _framed(out, inner, value, name):
    """Fill what lies around out[inner], slab by slab."""
    parts = []
    for axis, here in enumerate(inner):
        for slab in (slice(0, here.start), slice(here.stop, out.shape[axis])):
            if slab.stop > slab.start:
                parts.append(fill_steps(out[(*inner[:axis], slab)], value, name))
    return parts


@native_steps("pad")
def pad(out: Any, x: TensorLike, widths: Sequence[int], value: TensorLike) -> Any:
    """Negative widths crop."""
    inner = tuple(slice(max(a, 0), max(a, 0) + d + min(a, 0) + min(b, 0)) for d, (a, b) in zip(x.shape, widths))
    seen = tuple(slice(max(-a, 0), d - max(-b, 0)) for d, (a, b) in zip(x.shape, widths))
    if not out.size or any(s.stop <= s.start for s in (*inner, *seen)):
        return None
    return _all_or_none([*_framed(out, inner, value, "pad"), copy_steps(out[inner], x[seen], "pad")])


@native_steps("slice_gradient")
def slice_gradient(out: Any, g: TensorLike, start: Any, stop: Any, strides: IntOrInts, shape: ShapeLike) -> Any:
    """`g` where the slice was, zeros elsewhere."""
    if not g.size or any(b is None for b in stop):
        return None
    place = _slices(start, stop, strides)
    filled = _framed(out, place, 0, "slice_gradient") if set(strides) == {1} else [fill_steps(out, 0, "slice_gradient")]
    return _all_or_none([*filled, copy_steps(out[place], g, "slice_gradient")])
