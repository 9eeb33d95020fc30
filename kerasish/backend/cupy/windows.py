"""Views of windows over (batch, *space, channels)."""

from __future__ import annotations

from itertools import product
from typing import Any

import cupy


def offsets(window: Any) -> Any:
    """All places of a window in row-major order."""
    return product(*map(range, window))


def padded(x: Any, padding: Any) -> Any:
    """`x` with zeros around it; negative padding cuts off."""
    if not any(a or b for a, b in padding):
        return x
    inner, kept = parts(padding, x.shape[1:-1])
    if not any(a > 0 or b > 0 for a, b in padding):
        return x[(slice(None), *kept)]
    wide = cupy.empty((x.shape[0], *sizes_of(x.shape[1:-1], padding), x.shape[-1]), x.dtype)
    wide.fill(0)
    wide[(slice(None), *inner)] = x[(slice(None), *kept)]
    return wide


def sizes_of(space: Any, padding: Any) -> tuple[int, ...]:
    """Sizes with the padding."""
    return tuple(d + a + b for d, (a, b) in zip(space, padding))


def parts(padding: Any, space: Any) -> tuple[Any, Any]:
    """Where x lies in its padded self, and which part of x that is: two tuples of slices along space."""
    inner, kept = [], []
    for (a, b), d in zip(padding, space):
        inner.append(slice(max(a, 0), max(a, 0) + max(0, d + min(a, 0) + min(b, 0))))
        kept.append(slice(max(-a, 0), max(d - max(-b, 0), max(-a, 0))))
    return tuple(inner), tuple(kept)


def windows(x: Any, counts: Any, window: Any, strides: Any, dilation: Any) -> Any:
    """A view (batch, *counts, *window, channels) of all windows of `x`, which is padded already."""
    space = x.strides[1:-1]
    steps = [s * t for s, t in zip(space, strides)]
    inside = [s * d for s, d in zip(space, dilation)]
    shape = (x.shape[0], *counts, *window, x.shape[-1])
    return cupy.lib.stride_tricks.as_strided(x, shape, (x.strides[0], *steps, *inside, x.strides[-1]))


def point(place: Any, counts: Any, strides: Any, dilation: Any) -> tuple[Any, ...]:
    """The slices of padded space that hold point `place` of every window."""
    starts = [p * d for p, d in zip(place, dilation)]
    return tuple(slice(a, a + (n - 1) * s + 1 if n else a, s) for a, n, s in zip(starts, counts, strides))


def valid_point(place: Any, counts: Any, strides: Any, padding: Any, space: Any) -> tuple[Any, ...]:
    """For point `place` of the windows over unpadded x.

    (slices of the windows for which it lies within x, slices of x that hold it).
    """
    outer, inner = [], []
    for p, n, s, (before, _), d in zip(place, counts, strides, padding, space):
        first = max(0, -((p - before) // s))
        last = max(first, min(n, (d - 1 - p + before) // s + 1))
        start = first * s + p - before
        outer.append(slice(first, last))
        inner.append(slice(start, start + (last - first - 1) * s + 1 if last > first else start, s))
    return tuple(outer), tuple(inner)
