"""NumPy kernels of `primitives/movement.py`, and the views that make most of them free in a Program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import kernel, view
from kerasish.typing import Axis, DTypeLike, IntOrInts, ShapeLike, TensorLike


@kernel("full")
def full(out: Any, shape: ShapeLike, value: TensorLike, dtype: DTypeLike) -> None:
    out.fill(value)


@kernel("reshape")
def reshape(out: Any, x: TensorLike, shape: ShapeLike) -> None:
    np.copyto(out, np.reshape(x, shape))


@view("reshape")
def reshape_view(x: TensorLike, shape: ShapeLike) -> Any:
    if not x.flags.c_contiguous:
        return None
    return x.reshape(shape)


@kernel("transpose")
def transpose(out: Any, x: TensorLike, axes: Axis) -> None:
    np.copyto(out, x.transpose(axes))


@view("transpose")
def transpose_view(x: TensorLike, axes: Axis) -> Any:
    return x.transpose(axes)


@kernel("broadcast_to")
def broadcast_to(out: Any, x: TensorLike, shape: ShapeLike) -> None:
    np.copyto(out, x)


@view("broadcast_to")
def broadcast_view(x: TensorLike, shape: ShapeLike) -> Any:
    return np.broadcast_to(x, shape)


@kernel("concatenate")
def concatenate(out: Any, *inputs: Any, axis: Axis) -> None:
    np.concatenate(inputs, axis=axis, out=out)


def _window(start, stop, strides):
    return tuple(slice(a, b, s) for a, b, s in zip(start, stop, strides))


@kernel("slice")
def slice_(out: Any, x: TensorLike, start: Any, stop: Any, strides: IntOrInts) -> None:
    np.copyto(out, x[_window(start, stop, strides)])


@view("slice")
def slice_view(x: TensorLike, start: Any, stop: Any, strides: IntOrInts) -> Any:
    return x[_window(start, stop, strides)]


@kernel("slice_gradient")
def slice_gradient(out: Any, g: TensorLike, start: Any, stop: Any, strides: IntOrInts, shape: ShapeLike) -> None:
    out.fill(0)
    out[_window(start, stop, strides)] = g


def _clamped(x, start, sizes):
    corner = [min(max(int(s), 0), d - n) for s, d, n in zip(start, x.shape, sizes)]
    return tuple(slice(c, c + n) for c, n in zip(corner, sizes))


@kernel("dynamic_slice")
def dynamic_slice(out: Any, x: TensorLike, start: Any, sizes: Sequence[int]) -> None:
    np.copyto(out, x[_clamped(x, start, sizes)])


@kernel("dynamic_update")
def dynamic_update(out: Any, x: TensorLike, start: Any, update: Any) -> None:
    np.copyto(out, x)
    out[_clamped(x, start, update.shape)] = update


@kernel("pad")
def pad(out: Any, x: TensorLike, widths: Sequence[int], value: TensorLike) -> None:
    """Negative widths crop."""
    out.fill(value)
    inner = tuple(slice(max(a, 0), max(a, 0) + d + min(a, 0) + min(b, 0)) for d, (a, b) in zip(x.shape, widths))
    source = tuple(slice(max(-a, 0), d - max(-b, 0)) for d, (a, b) in zip(x.shape, widths))
    out[inner] = x[source]


@kernel("flip")
def flip(out: Any, x: TensorLike, axis: Axis) -> None:
    np.copyto(out, np.flip(x, axis))


@view("flip")
def flip_view(x: TensorLike, axis: Axis) -> Any:
    return np.flip(x, axis)


@kernel("wait_for")
def wait_for(out: Any, x: TensorLike, after: TensorLike) -> None:
    np.copyto(out, x)


@view("wait_for")
def wait_for_view(x: TensorLike) -> Any:
    return x
