"""Rows of primitives/movement.py, creation.py and linalg.py."""

import numpy as np

from tests.backend.primitives.harness import Row, bools, integers, values


def _slices(start, stop, strides):
    return tuple(slice(a, b, s) for a, b, s in zip(start, stop, strides))


def _full(shape, value, dtype):
    return np.full(shape, value, dtype)


def _slice_gradient(g, start, stop, strides, shape):
    out = np.zeros(shape, g.dtype)
    out[_slices(start, stop, strides)] = g
    return out


def _pad(x, widths, value):
    grown = np.pad(x, [(max(a, 0), max(b, 0)) for a, b in widths], constant_values=value)
    return grown[tuple(slice(max(-a, 0), grown.shape[i] - max(-b, 0)) for i, (a, b) in enumerate(widths))]


def _matmul(x, y, transpose_x=False, transpose_y=False):
    return (x.swapaxes(-1, -2) if transpose_x else x) @ (y.swapaxes(-1, -2) if transpose_y else y)


def _window(x, start, sizes):
    corner = [min(max(int(s), 0), d - n) for s, d, n in zip(start, x.shape, sizes)]
    return tuple(slice(c, c + n) for c, n in zip(corner, sizes))


def _dynamic_update(x, start, update):
    out = x.copy()
    out[_window(x, start, update.shape)] = update
    return out


def _starts(*numbers):
    return np.array(numbers, "int32")


ROWS = [
    Row("full", shape=(2, 3), value=1.5, dtype="float32", reference=_full), Row("full", shape=(), value=7,
    dtype="int32", reference=_full),
    Row("arange", start=0, step=1, size=5, dtype="int32", reference=lambda start, step, size, dtype: np.arange(size,
    dtype=dtype)),
    Row("arange", start=0.5, step=-0.25, size=4, dtype="float32", reference=lambda start, step, size,
    dtype: start + step * np.arange(size, dtype=dtype)),
    Row("reshape", values(2, 6), shape=(3, 4), reference=np.reshape), Row("reshape", values(1), shape=(),
    reference=np.reshape),
    Row("transpose", values(2, 3, 4), axes=(2, 0, 1), reference=np.transpose), Row("transpose", bools(2, 3), axes=(1,
    0), reference=np.transpose),
    Row("broadcast_to", values(3, 1), shape=(2, 3, 4), reference=np.broadcast_to), Row("broadcast_to", values(),
    shape=(2,), reference=np.broadcast_to),
    Row("concatenate", values(2, 3), values(2, 1), values(2, 2), axis=1, reference=lambda *xs, axis: np.concatenate(xs,
    axis)),
    Row("concatenate", integers(1, 3), integers(2, 3), axis=-2, reference=lambda *xs, axis: np.concatenate(xs, axis)),
    Row("slice", values(5, 6), start=(1, 0), stop=(5, 5), strides=(2, 3), reference=lambda x,
    **where: x[_slices(**where)]),
    Row("slice", integers(4), start=(2,), stop=(2,), strides=(1,), reference=lambda x, **where: x[_slices(**where)]),
    Row("slice_gradient", values(2, 2), start=(1, 0), stop=(5, 5), strides=(2, 3), shape=(5, 6),
    reference=_slice_gradient),
    *[
        Row("dynamic_slice", values(4, 5), _starts(*corner), sizes=(2, 3), reference=lambda x, start,
        sizes: x[_window(x, start, sizes)], closed=(1,))
        for corner in ((1, 1), (3, -2))
    ],
    *[Row("dynamic_update", values(4, 5), _starts(*corner), values(2, 3), reference=_dynamic_update,
    closed=(1,)) for corner in ((1, 1), (3, -2))],
    Row("pad", values(2, 3), widths=((1, 0), (2, 1)), value=1.5, reference=_pad),
    Row("pad", values(4, 5), widths=((-1, 0), (2, -2)), value=0.0, reference=_pad),
    Row("wait_for", values(2, 3), values(4), reference=lambda x, after: x, closed=(1,)),
    Row("wait_for", integers(2), values(4), reference=lambda x, after: x),
    Row("flip", values(2, 3), axis=(0, 1), reference=np.flip), Row("flip", integers(2, 3), axis=(1,),
    reference=np.flip),
    Row("matmul", values(2, 3), values(3, 4), reference=_matmul), Row("matmul", values(3, 2), values(3, 4),
    transpose_x=True, reference=_matmul),
    Row("matmul", values(2, 3), values(4, 3), transpose_y=True, reference=_matmul),
    Row("matmul", values(3, 2), values(4, 3), transpose_x=True, transpose_y=True, reference=_matmul),
    Row("matmul", values(2, 2, 3), values(3, 2), reference=_matmul), Row("matmul", values(2, 1, 2, 3), values(2, 3, 2),
    reference=_matmul),
    Row("matmul", values(2, 3, 2), values(2, 4, 3), transpose_x=True, transpose_y=True, reference=_matmul),
    Row("matmul", integers(2, 3), integers(3, 2), reference=_matmul),
]  # fmt: skip
