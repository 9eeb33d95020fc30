"""Views of windows, and the tiles in which convolutions and pools go through a batch."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import Any

import numpy as np

from kerasish.typing import IntOrInts, TensorLike

_IMAGES = 1 << 19  # bytes: what a pool or a depthwise convolution works on at a time stays in the second-level cache


def offsets(window: Any) -> Any:
    """All places of a window in row-major order."""
    return product(*map(range, window))


def image_blocks(count: int, bytes_per_image: Any) -> list[Any]:
    """Slices of a batch of `count`, each of few bytes but at least one image."""
    size = max(1, _IMAGES // max(1, bytes_per_image))
    return [slice(i, min(i + size, count)) for i in range(0, count, size)]


def sizes_of(space: Any, padding: str) -> tuple[Any, ...]:
    """Sizes with the padding."""
    return tuple(d + a + b for d, (a, b) in zip(space, padding))


def common_parts(padding: str, space: Any) -> tuple[Any, ...]:
    """Where x lies in its padded self, and which part of x that is (negative padding cuts off).

    Two tuples of slices along space.
    """
    inner, kept = [], []
    for (a, b), d in zip(padding, space):
        inner.append(slice(max(a, 0), max(a, 0) + max(0, d + min(a, 0) + min(b, 0))))
        kept.append(slice(max(-a, 0), max(d - max(-b, 0), max(-a, 0))))
    return tuple(inner), tuple(kept)


def cropped(x: TensorLike, padding: str) -> Any:
    """The view of `x` that a padding without positive numbers leaves."""
    return x[(slice(None), *common_parts(padding, x.shape[1:-1])[1])]


def windows(x: TensorLike, counts: TensorLike, window: Any, strides: IntOrInts, dilation: int) -> Any:
    """A view (batch, *counts, *window, channels) of all windows of `x`, which is padded already."""
    space = x.strides[1:-1]
    steps = [s * t for s, t in zip(space, strides)]
    inside = [s * d for s, d in zip(space, dilation)]
    shape = (x.shape[0], *counts, *window, x.shape[-1])
    return np.lib.stride_tricks.as_strided(x, shape, (x.strides[0], *steps, *inside, x.strides[-1]))


def point(place: Any, counts: TensorLike, strides: IntOrInts, dilation: int, first: int = 0) -> tuple[Any, ...]:
    """The slices of padded space that hold point `place` of every window.

    Windows from window `first` of the first axis on.
    """
    starts = [p * d for p, d in zip(place, dilation)]
    starts[0] += first * strides[0]
    return tuple(slice(a, a + (n - 1) * s + 1 if n else a, s) for a, n, s in zip(starts, counts, strides))


def valid_point(place: Any, counts: TensorLike, strides: IntOrInts, padding: str, space: Any) -> tuple[Any, ...]:
    """For point `place` of the windows over unpadded x.

    (slices of the windows for which it lies within x, slices of x that hold it).
    """
    outer, inner = [], []
    for p, n, s, (before, _), d in zip(place, counts, strides, padding, space):
        first = max(0, -((p - before) // s))
        last = min(n, (d - 1 - p + before) // s + 1)
        last = max(first, last)
        start = first * s + p - before
        outer.append(slice(first, last))
        inner.append(slice(start, start + (last - first - 1) * s + 1 if last > first else start, s))
    return tuple(outer), tuple(inner)


def copying(target: TensorLike, source: Any) -> Any:
    """The call that copies."""
    return partial(np.copyto, target, source)


def filling(target: TensorLike, value: TensorLike) -> Any:
    """The call that fills."""
    return partial(target.fill, value)
