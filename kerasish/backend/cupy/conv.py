"""CuPy kernels of `primitives/conv.py`: cuDNN's, and where it has none windows gathered into rows for cuBLAS.

So it is of float64, of windows that leave out some of an image, and without cuDNN. Images are then taken so many at a
time that their windows fill a quarter of a gigabyte.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy.cudnn import convolution as by_cudnn
from kerasish.backend.cupy.kernels import kernel
from kerasish.backend.cupy.linalg import matmul
from kerasish.backend.cupy.windows import padded, windows
from kerasish.backend.float_formats import HALVES
from kerasish.backend.primitives.windows import common_parts, image_slices, offsets, point, sizes_of
from kerasish.entries import entering

GATHERED: dict[str, Any] = {}
gathered = entering(GATHERED)  # the function below computes the primitive of that name without cuDNN
_TILE = 1 << 28  # bytes of gathered windows


def _columns(x, counts, window, strides, dilation, groups):
    """The windows of padded x as the rows of a matrix for each group: (groups, rows, window * channels / groups)."""
    seen = windows(x, counts, window, strides, dilation)
    taken = x.shape[-1] // groups
    if groups > 1:
        step = seen.strides[-1]
        shape, steps = (*seen.shape[:-1], groups, taken), (*seen.strides[:-1], taken * step, step)
        seen = cupy.moveaxis(cupy.lib.stride_tricks.as_strided(seen, shape, steps), -2, 0)
    else:
        seen = seen.reshape(1, *seen.shape) if seen.flags.c_contiguous else seen[None]
    rows = seen.shape[1] * math.prod(counts)
    return seen.copy().reshape(groups, rows, math.prod(window) * taken)


def _blocks(images, counts, window, channels, itemsize):
    """Images whose gathered windows are few enough."""
    return image_slices(images, math.prod(counts) * math.prod(window) * channels * itemsize, _TILE)


def _gathered(x, counts, window, strides, padding, dilation, groups):
    """(slice of images, their `_columns`) for all of x."""
    for images in _blocks(len(x), counts, window, x.shape[-1], x.itemsize):
        yield images, _columns(padded(x[images], padding), counts, window, strides, dilation, groups)


def _by_group(x, groups):
    """Points of space, and their channels by group: (groups, rows, channels / groups)."""
    return x.reshape(-1, groups, x.shape[-1] // groups).transpose(1, 0, 2)


def _contiguous(x):
    return x if x.flags.c_contiguous else x.copy()


@kernel("conv")
def conv(out: Any, x: Any, kernel: Any, strides: Any, padding: Any, dilation: Any, groups: int) -> None:
    """`out` = windows of x @ kernel."""
    if not by_cudnn.compute("conv", out, x, kernel, strides, padding, dilation):
        where = {"strides": strides, "padding": padding, "dilation": dilation, "groups": groups}
        by_windows("conv", out, x, kernel, **where)


@gathered("conv")
def gathered_conv(out: Any, x: Any, kernel: Any, strides: Any, padding: Any, dilation: Any, groups: int) -> None:
    """As `conv`, by gathered windows."""
    if not out.size:
        return
    window, filters = kernel.shape[:-2], kernel.shape[-1]
    weights = _by_group(_contiguous(kernel), groups)
    counts = out.shape[1:-1]
    for images, columns in _gathered(x, counts, window, strides, padding, dilation, groups):
        made = cupy.empty((groups, columns.shape[1], filters // groups), out.dtype)
        matmul(made, columns, weights)
        target = out[images]
        cupy.copyto(target, made.transpose(1, 0, 2).reshape(target.shape))


@kernel("conv_kernel_gradient")
def conv_kernel_gradient(
    out: Any, x: Any, g: Any, strides: Any, padding: Any, dilation: Any, groups: int, kernel_shape: Any
) -> None:
    """`out` = (windows of x)^T @ g, added up over the images."""
    if not by_cudnn.compute("conv_kernel_gradient", out, x, g, strides, padding, dilation):
        where = {"strides": strides, "padding": padding, "dilation": dilation, "groups": groups}
        by_windows("conv_kernel_gradient", out, x, g, **where, kernel_shape=kernel_shape)


@gathered("conv_kernel_gradient")
def gathered_kernel_gradient(
    out: Any, x: Any, g: Any, strides: Any, padding: Any, dilation: Any, groups: int, kernel_shape: Any
) -> None:
    """As `conv_kernel_gradient`, by gathered windows."""
    if not g.size or not out.size:
        out.fill(0)
        return
    window, counts, total = kernel_shape[:-2], g.shape[1:-1], None
    for images, columns in _gathered(x, counts, window, strides, padding, dilation, groups):
        arrived = _by_group(_contiguous(g[images]), groups)
        part = cupy.empty((groups, columns.shape[2], arrived.shape[2]), out.dtype)
        matmul(part, columns, arrived, transpose_x=True)
        total = part if total is None else cupy.add(total, part, out=total)
    cupy.copyto(out, total.transpose(1, 0, 2).reshape(out.shape))


@kernel("conv_input_gradient")
def conv_input_gradient(
    out: Any, g: Any, kernel: Any, strides: Any, padding: Any, dilation: Any, groups: int, input_shape: Any
) -> None:
    """G @ kernel^T, added where the windows were."""
    if not by_cudnn.compute("conv_input_gradient", out, g, kernel, strides, padding, dilation):
        where = {"strides": strides, "padding": padding, "dilation": dilation, "groups": groups}
        by_windows("conv_input_gradient", out, g, kernel, **where, input_shape=input_shape)


@gathered("conv_input_gradient")
def gathered_input_gradient(
    out: Any, g: Any, kernel: Any, strides: Any, padding: Any, dilation: Any, groups: int, input_shape: Any
) -> None:
    """As `conv_input_gradient`, by gathered windows."""
    if not g.size or not out.size:
        out.fill(0)
        return
    window, counts, channels = kernel.shape[:-2], g.shape[1:-1], out.shape[-1]
    taken = channels // groups
    weights = _by_group(_contiguous(kernel), groups)
    inner, kept = common_parts(padding, out.shape[1:-1])
    for images in _blocks(len(g), counts, window, channels, g.itemsize):
        arrived = _by_group(_contiguous(g[images]), groups)
        spread = cupy.empty((groups, arrived.shape[1], math.prod(window) * taken), g.dtype)
        matmul(spread, arrived, weights, transpose_y=True)
        target = out[images]
        spread = spread.reshape(groups, len(target), *counts, *window, taken)
        wide = cupy.empty((len(target), *sizes_of(out.shape[1:-1], padding), groups, taken), g.dtype)
        wide.fill(0)
        for w in offsets(window):
            there = wide[(slice(None), *point(w, counts, strides, dilation))]
            here = cupy.moveaxis(spread[(slice(None),) * (2 + len(counts)) + w], 0, -2)
            cupy.add(there, here, out=there)
        if any(min(pair) < 0 for pair in padding):
            target.fill(0)
        wide = wide.reshape(*wide.shape[:-2], channels)
        cupy.copyto(target[(slice(None), *kept)], wide[(slice(None), *inner)])


def by_windows(name: str, out: Any, *inputs: Any, **attributes: Any) -> None:
    """By gathered windows; halves as float32."""
    if out.dtype.name not in HALVES:
        GATHERED[name](out, *inputs, **attributes)
        return
    wide = cupy.empty(out.shape, np.float32)
    GATHERED[name](wide, *(x.astype(np.float32) for x in inputs), **attributes)
    cupy.copyto(out, wide, casting="unsafe")


def bound(name: str, out: Any, inputs: Any, attributes: dict[str, Any]) -> Callable[[], None]:
    """A step that computes one of the three on these arrays."""
    otherwise = partial(by_windows, name, out, *inputs, **attributes)
    call = by_cudnn.call(name, out, *inputs, *(attributes[word] for word in ("strides", "padding", "dilation")))
    return otherwise if call is None else by_cudnn.Step(call, out, *inputs, otherwise)
