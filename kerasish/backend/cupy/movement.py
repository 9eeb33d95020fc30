"""CuPy kernels of `primitives/movement.py`, and the views that make most of them free in a Program."""

from __future__ import annotations

from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy.float8 import as_bytes
from kerasish.backend.cupy.kernels import kernel, view


def _moving(*names):
    """Decorator: a kernel that only moves elements, so that those CuPy can't compute with go as bytes."""

    def register(function):
        def run(out, *inputs, **attributes):
            function(as_bytes(out), *map(as_bytes, inputs), **attributes)

        kernel(*names)(run)
        return function

    return register


def _number(value, dtype):
    """A number as an element of `dtype` has it, as a plain number of Python's."""
    made = np.asarray(value).astype(dtype)
    return (made.view(np.uint8) if dtype.name.startswith("float8") else made).item()


@kernel("full")
def full(out: Any, shape: Any, value: Any, dtype: Any) -> None:
    as_bytes(out).fill(_number(value, out.dtype))


@_moving("reshape")
def reshape(out: Any, x: Any, shape: Any) -> None:
    if out.flags.c_contiguous:  # in one copy: what `x.reshape` gives would be one too
        cupy.copyto(out.reshape(x.shape), x)
    else:
        cupy.copyto(out, x.reshape(shape))


@view("reshape")
def reshape_view(x: Any, shape: Any) -> Any:
    return x.reshape(shape) if x.flags.c_contiguous else None


@_moving("transpose")
def transpose(out: Any, x: Any, axes: Any) -> None:
    cupy.copyto(out, x.transpose(axes))


@view("transpose")
def transpose_view(x: Any, axes: Any) -> Any:
    return x.transpose(axes)


@_moving("broadcast_to")
def broadcast_to(out: Any, x: Any, shape: Any) -> None:
    cupy.copyto(out, x)


@view("broadcast_to")
def broadcast_view(x: Any, shape: Any) -> Any:
    return cupy.broadcast_to(x, shape)


@_moving("concatenate")
def concatenate(out: Any, *inputs: Any, axis: Any) -> None:
    axis, start = axis % out.ndim, 0
    for x in inputs:
        stop = start + x.shape[axis]
        if x.size:
            cupy.copyto(out[(slice(None),) * axis + (slice(start, stop),)], x)
        start = stop


def _window(start, stop, strides):
    return tuple(slice(a, b, s) for a, b, s in zip(start, stop, strides))


@_moving("slice")
def slice_(out: Any, x: Any, start: Any, stop: Any, strides: Any) -> None:
    cupy.copyto(out, x[_window(start, stop, strides)])


@view("slice")
def slice_view(x: Any, start: Any, stop: Any, strides: Any) -> Any:
    return x[_window(start, stop, strides)]


@_moving("slice_gradient")
def slice_gradient(out: Any, g: Any, start: Any, stop: Any, strides: Any, shape: Any) -> None:
    out.fill(0)
    out[_window(start, stop, strides)] = g


def _places(x_shape, start, sizes):
    """The flat position of each element of the window at `start`, which the host does not know."""
    flat, step = None, 1
    for axis in reversed(range(len(sizes))):
        corner = cupy.minimum(cupy.maximum(start[axis].astype(np.int64), 0), x_shape[axis] - sizes[axis])
        along = cupy.multiply(cupy.add(cupy.arange(sizes[axis], dtype=np.int64), corner), step)
        along = along.reshape((-1,) + (1,) * (len(sizes) - 1 - axis))
        flat = along if flat is None else cupy.add(along, flat)
        step *= x_shape[axis]
    return flat


@_moving("dynamic_slice")
def dynamic_slice(out: Any, x: Any, start: Any, sizes: Any) -> None:
    if not x.ndim:
        cupy.copyto(out, x)
    elif out.size:
        cupy.copyto(out, cupy.take(x.reshape(-1), _places(x.shape, start, sizes)))


@kernel("dynamic_update")
def dynamic_update(out: Any, x: Any, start: Any, update: Any) -> None:
    out, x, update = map(as_bytes, (out, x, update))
    if not x.ndim:
        cupy.copyto(out, update)
        return
    whole = out if out.flags.c_contiguous else cupy.empty(out.shape, out.dtype)
    cupy.copyto(whole, x)
    if update.size:
        whole.reshape(-1)[_places(x.shape, start, update.shape)] = update
    if whole is not out:
        cupy.copyto(out, whole)


@kernel("pad")
def pad(out: Any, x: Any, widths: Any, value: Any) -> None:
    """Negative widths crop."""
    inner = tuple(slice(max(a, 0), max(a, 0) + d + min(a, 0) + min(b, 0)) for d, (a, b) in zip(x.shape, widths))
    source = tuple(slice(max(-a, 0), d - max(-b, 0)) for d, (a, b) in zip(x.shape, widths))
    full(out, out.shape, value, out.dtype)
    as_bytes(out)[inner] = as_bytes(x)[source]


@_moving("flip")
def flip(out: Any, x: Any, axis: Any) -> None:
    cupy.copyto(out, cupy.flip(x, axis))


@view("flip")
def flip_view(x: Any, axis: Any) -> Any:
    return cupy.flip(x, axis)


@_moving("wait_for")
def wait_for(out: Any, x: Any, after: Any) -> None:
    cupy.copyto(out, x)


@view("wait_for")
def wait_for_view(x: Any) -> Any:
    return x
