"""CuPy kernels of `primitives/reduce.py`."""

from __future__ import annotations

from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy.kernels import kernel

_LONG = 256  # numbers: sums of more go up in float64, so that float32 keeps its digits


def _axes(axis):
    return axis if axis is None or isinstance(axis, int) else tuple(axis)


def _total(name, function):
    @kernel(name)
    def reduce(out, x, axis=None, keepdims=False):
        if out.dtype == np.float32 and x.size > _LONG * max(1, out.size):
            exact = function(x, axis=_axes(axis), dtype=np.float64, keepdims=keepdims)
            cupy.copyto(out, exact, casting="same_kind")
        else:
            function(x, axis=_axes(axis), dtype=out.dtype, keepdims=keepdims, out=out)


def _reduction(name, function):
    @kernel(name)
    def reduce(out, x, axis=None, keepdims=False):
        function(x, axis=_axes(axis), keepdims=keepdims, out=out)


_total("sum", cupy.sum)
_total("prod", cupy.prod)
_reduction("max", cupy.amax)
_reduction("min", cupy.amin)
_reduction("any", cupy.any)
_reduction("all", cupy.all)


def _place(name, function):
    @kernel(name)
    def find(out, x, axis, keepdims=False):
        cupy.copyto(out, function(x, axis=axis, keepdims=keepdims), casting="unsafe")


_place("argmax", cupy.argmax)
_place("argmin", cupy.argmin)


def _cumulative(name, function):
    @kernel(name)
    def accumulate(out, x, axis, reverse=False):
        if reverse:
            x, out = cupy.flip(x, axis), cupy.flip(out, axis)
        cupy.copyto(out, function(x, axis=axis, dtype=out.dtype))


_cumulative("cumsum", cupy.cumsum)
_cumulative("cumprod", cupy.cumprod)


@kernel("cummax")
def cummax(out: Any, x: Any, axis: Any, reverse: bool = False) -> None:
    """In rounds, each of which looks back twice as far."""
    if reverse:
        x, out = cupy.flip(x, axis), cupy.flip(out, axis)
    cupy.copyto(out, x)
    moved, size = cupy.moveaxis(out, axis, 0), out.shape[axis]
    for step in (1 << i for i in range(int(np.ceil(np.log2(max(1, size)))))):
        moved[step:] = cupy.maximum(moved[step:], moved[:-step])
