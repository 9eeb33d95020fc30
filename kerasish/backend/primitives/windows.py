"""How windows lie over the axes of space: what convolutions and pools share, their shape rules and their kernels.

Values are (batch, *space, channels).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from kerasish.backend.sizes import largest, unlike_shapes
from kerasish.typing import IntOrInts


def span(size: IntOrInts, dilation: int) -> Any:
    """How far a window of `size` points, `dilation` apart, reaches."""
    return (size - 1) * dilation + 1


def count(size: IntOrInts, window: Any, stride: IntOrInts, padding: str, dilation: int = 1) -> Any:
    """The number of windows along one axis; None where a size is unknown.

    `padding` is a pair, points added before and after (negative: cut off).
    """
    if size is None or window is None:
        return None
    return largest(0, (size + sum(padding) - span(window, dilation)) // stride + 1)


def counts(space: Any, window: Any, strides: IntOrInts, padding: str, dilation: int) -> tuple[Any, ...]:
    """The number of windows along each axis of space."""
    return tuple(count(*axis) for axis in zip(space, window, strides, padding, dilation))


def check(name: str, rank: int, **parameters: Any) -> None:
    """Raise ValueError unless every parameter has one positive int (`padding`: a pair) an axis of space."""
    for key, values in parameters.items():
        fits = len(values) == rank and all(len(v) == 2 if key == "padding" else v >= 1 for v in values)
        if not fits:
            kind = "a pair of ints" if key == "padding" else "a positive int"
            raise ValueError(
                f"`{key}` of `{name}` must have {kind} for each of {rank} axes of space, got {tuple(values)}."
            )


def check_equal(name: str, what: str, found: Any, wanted: Any) -> None:
    """Raise ValueError unless the shapes agree where both are known."""
    if unlike_shapes(found, wanted):
        raise ValueError(f"`{what}` of `{name}` must have shape {tuple(wanted)}, got {tuple(found)}.")


# -- where elements are, in sizes that are known ----------------------------------------------------------------------


def offsets(window: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All places of a window in row-major order."""
    return product(*map(range, window))


def image_slices(count: int, bytes_per_image: int, limit: int) -> list[slice]:
    """Slices of a batch of `count`, each of at most `limit` bytes but at least one image."""
    size = max(1, limit // max(1, bytes_per_image))
    return [slice(i, min(i + size, count)) for i in range(0, count, size)]


def sizes_of(space: Any, padding: Any) -> tuple[int, ...]:
    """Sizes with the padding."""
    return tuple(d + a + b for d, (a, b) in zip(space, padding))


def common_parts(padding: Any, space: Any) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Where x lies in its padded self, and which part of x that is (negative padding cuts off).

    Two tuples of slices along space.
    """
    inner, kept = [], []
    for (a, b), d in zip(padding, space):
        inner.append(slice(max(a, 0), max(a, 0) + max(0, d + min(a, 0) + min(b, 0))))
        kept.append(slice(max(-a, 0), max(d - max(-b, 0), max(-a, 0))))
    return tuple(inner), tuple(kept)


def strided(x: Any, counts: Any, window: Any, strides: Any, dilation: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Shape and strides of the view (batch, *counts, *window, channels) of all windows of `x`, padded already."""
    space = x.strides[1:-1]
    steps = [s * t for s, t in zip(space, strides)]
    inside = [s * d for s, d in zip(space, dilation)]
    return (x.shape[0], *counts, *window, x.shape[-1]), (x.strides[0], *steps, *inside, x.strides[-1])


def point(place: Any, counts: Any, strides: Any, dilation: Any, first: int = 0) -> tuple[slice, ...]:
    """The slices of padded space that hold point `place` of every window.

    Windows from window `first` of the first axis on.
    """
    starts = [p * d for p, d in zip(place, dilation)]
    starts[0] += first * strides[0]
    return tuple(slice(a, a + (n - 1) * s + 1 if n else a, s) for a, n, s in zip(starts, counts, strides))


def valid_point(
    place: Any, counts: Any, strides: Any, padding: Any, space: Any
) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
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
