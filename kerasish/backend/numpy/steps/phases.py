"""The input gradient of a strided convolution, taken apart.

Input points that lie equally in the grid of strides see the same places of the kernel.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from kerasish.typing import Axis, IntOrInts


class Phase:
    """The points of the input first, first + stride, ... along each axis.

    Attributes:
        out: the view of these points. kernel: the view of the places that reach them. places: flat numbers of the
            kernel's places that reach them, in the order in which a window of g holds them.
        window, before, dilation: that window.
    """

    __slots__ = ("out", "kernel", "places", "window", "before", "dilation")

    def __init__(self, out: Any, axes: Axis, kernel: Any) -> None:
        self.out: Any = out
        kernel_window = kernel.shape[: len(axes)]
        self.window: tuple[int, ...] = tuple(len(axis.places) for axis in axes)
        self.before: list[Any] = [axis.before for axis in axes]
        self.dilation: list[Any] = [axis.dilation for axis in axes]
        self.kernel: Any = kernel[tuple(_slice(axis.places) for axis in axes)]
        self.places: list[int] = [
            int(np.ravel_multi_index(place, kernel_window)) for place in product(*(axis.places for axis in axes))
        ]


def _slice(places):
    """The places w, w - step, ... as a slice."""
    if len(places) < 2:
        return slice(places[0], places[0] + 1) if places else slice(0, 0)
    step = places[1] - places[0]
    stop = places[-1] + step
    return slice(places[0], stop if stop >= 0 else None, step)


class _Axis:
    """One axis: point first + q stride gets kernel[w] from g[q - before + t dilation], for the t-th w of `places`."""

    def __init__(self, first, window, stride, before, dilation):
        fitting = [w for w in range(window) if (first + before - w * dilation) % stride == 0]
        self.places = fitting[::-1]
        self.dilation = dilation // math.gcd(dilation, stride)
        self.before = -((first + before - self.places[0] * dilation) // stride) if fitting else 0


def phases(out: Any, kernel: Any, strides: IntOrInts, padding: str, dilation: int) -> Iterator[Any]:
    """All phases that have points."""
    window, space = kernel.shape[:-2], out.shape[1:-1]
    for firsts in product(*(range(min(s, d)) for s, d in zip(strides, space))):
        points = tuple(slice(first, None, s) for first, s in zip(firsts, strides))
        axes = [_Axis(f, w, s, a, d) for f, w, s, (a, _), d in zip(firsts, window, strides, padding, dilation)]
        yield Phase(out[(slice(None), *points)], axes, kernel)
