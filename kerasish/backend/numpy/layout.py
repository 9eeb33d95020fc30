"""NumPy kernels of `primitives/layout.py`, and the views that make most of them free in a Program."""

import numpy as np

from kerasish.backend.numpy.kernels import kernel, view


@kernel("full")
def full(out, shape, value, dtype):
    out.fill(value)


@kernel("reshape")
def reshape(out, x, shape):
    np.copyto(out, np.reshape(x, shape))


@view("reshape")
def reshape_view(x, shape):
    if not x.flags.c_contiguous:
        return None
    return x.reshape(shape)


@kernel("transpose")
def transpose(out, x, axes):
    np.copyto(out, x.transpose(axes))


@view("transpose")
def transpose_view(x, axes):
    return x.transpose(axes)


@kernel("broadcast_to")
def broadcast_to(out, x, shape):
    np.copyto(out, x)


@view("broadcast_to")
def broadcast_view(x, shape):
    return np.broadcast_to(x, shape)


@kernel("concatenate")
def concatenate(out, *inputs, axis):
    np.concatenate(inputs, axis=axis, out=out)


def _window(start, stop, strides):
    return tuple(slice(a, b, s) for a, b, s in zip(start, stop, strides))


@kernel("slice")
def slice_(out, x, start, stop, strides):
    np.copyto(out, x[_window(start, stop, strides)])


@view("slice")
def slice_view(x, start, stop, strides):
    return x[_window(start, stop, strides)]


@kernel("slice_gradient")
def slice_gradient(out, g, start, stop, strides, shape):
    out.fill(0)
    out[_window(start, stop, strides)] = g


def _clamped(x, start, sizes):
    corner = [min(max(int(s), 0), d - n) for s, d, n in zip(start, x.shape, sizes)]
    return tuple(slice(c, c + n) for c, n in zip(corner, sizes))


@kernel("dynamic_slice")
def dynamic_slice(out, x, start, sizes):
    np.copyto(out, x[_clamped(x, start, sizes)])


@kernel("dynamic_update")
def dynamic_update(out, x, start, update):
    np.copyto(out, x)
    out[_clamped(x, start, update.shape)] = update


@kernel("pad")
def pad(out, x, widths, value):
    """Negative widths crop."""
    out.fill(value)
    inner = tuple(slice(max(a, 0), max(a, 0) + d + min(a, 0) + min(b, 0)) for d, (a, b) in zip(x.shape, widths))
    source = tuple(slice(max(-a, 0), d - max(-b, 0)) for d, (a, b) in zip(x.shape, widths))
    out[inner] = x[source]


@kernel("flip")
def flip(out, x, axis):
    np.copyto(out, np.flip(x, axis))


@view("flip")
def flip_view(x, axis):
    return np.flip(x, axis)
