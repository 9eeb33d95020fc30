"""CuPy kernels of `primitives/pool.py`: for each place of the window, all images at once."""

from __future__ import annotations

from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy.kernels import kernel
from kerasish.backend.primitives.windows import offsets, valid_point


def _places(x_space, counts, window, strides, padding):
    """For each place of the window, the index of the windows for which it lies within x, and of x."""
    for place in offsets(window):
        outer, inner = valid_point(place, counts, strides, padding, x_space)
        if all(s.stop > s.start for s in outer):
            yield (slice(None), *outer), (slice(None), *inner)


def _lowest(dtype):
    if dtype.kind == "b":
        return False
    return np.asarray(-np.inf if dtype.kind == "f" else np.iinfo(dtype).min).astype(dtype)[()]


def _joined(name, join, start):
    @kernel(name)
    def pool(out, x, window, strides, padding):
        out.fill(start(out.dtype))
        for outer, inner in _places(x.shape[1:-1], out.shape[1:-1], window, strides, padding):
            join(out[outer], x[inner], out=out[outer])


_joined("max_pool", cupy.maximum, _lowest)
_joined("sum_pool", cupy.add, lambda dtype: dtype.type(0))


@kernel("sum_pool_gradient")
def sum_pool_gradient(out: Any, g: Any, window: Any, strides: Any, padding: Any, input_shape: Any) -> None:
    """Each point of a window gets what arrives for it."""
    out.fill(0)
    for outer, inner in _places(out.shape[1:-1], g.shape[1:-1], window, strides, padding):
        cupy.add(out[inner], g[outer], out=out[inner])


def _first_maxima(x, y, window, strides, padding):
    """For each place of the window: (index of windows, index of x, which windows have their first maximum there)."""
    found = cupy.empty(y.shape, bool)
    found.fill(False)
    for outer, inner in _places(x.shape[1:-1], y.shape[1:-1], window, strides, padding):
        seen = found[outer]
        hit = cupy.logical_and(cupy.equal(x[inner], y[outer]), cupy.logical_not(seen))
        cupy.logical_or(seen, hit, out=seen)
        yield outer, inner, hit


@kernel("max_pool_gradient")
def max_pool_gradient(out: Any, x: Any, y: Any, g: Any, window: Any, strides: Any, padding: Any) -> None:
    """What arrives for a window goes to its first maximum."""
    out.fill(0)
    for outer, inner, hit in _first_maxima(x, y, window, strides, padding):
        cupy.add(out[inner], cupy.where(hit, g[outer], g.dtype.type(0)), out=out[inner])


@kernel("max_pool_gather")
def max_pool_gather(out: Any, x: Any, y: Any, h: Any, window: Any, strides: Any, padding: Any) -> None:
    """h, where x has the window's first maximum."""
    out.fill(0)
    for outer, inner, hit in _first_maxima(x, y, window, strides, padding):
        cupy.add(out[outer], cupy.where(hit, h[inner], h.dtype.type(0)), out=out[outer])
