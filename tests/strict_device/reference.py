"""What the primitives mean, each in the plainest NumPy.

Name -> function of values and attributes that returns the result.
"""

import numpy as np

from kerasish.backend.primitives.indexing import out_of_range


def _slices(start, stop, strides):
    return tuple(slice(a, b, s) for a, b, s in zip(start, stop, strides))


def _slice_gradient(g, start, stop, strides, shape):
    out = np.zeros(shape, g.dtype)
    out[_slices(start, stop, strides)] = g
    return out


def _pad(x, widths, value):
    crop = tuple(slice(max(-a, 0), d - max(-b, 0)) for d, (a, b) in zip(x.shape, widths))
    return np.pad(x[crop], [(max(a, 0), max(b, 0)) for a, b in widths], constant_values=value)


def _swapped(x, transposed):
    return np.swapaxes(x, -1, -2) if transposed else x


def _reduction(function):
    def reduce(x, axis=None, keepdims=False):
        return function(x, axis=tuple(axis) if isinstance(axis, (list, tuple)) else axis, keepdims=keepdims)

    return reduce


def _cumulative(function):
    def accumulate(x, axis, reverse=False):
        return (
            np.flip(function.accumulate(np.flip(x, axis), axis=axis), axis)
            if reverse
            else function.accumulate(x, axis=axis)
        )

    return accumulate


def _within(indices, size, axis):
    for index in indices.reshape(-1):
        if not -size <= index < size:
            raise out_of_range(index, size, axis)
    return indices


def _take(x, indices, axis):
    return np.take(x, _within(indices, x.shape[axis], axis), axis)


def _take_along_axis(x, indices, axis):
    return np.take_along_axis(x, _within(indices, x.shape[axis], axis), axis)


def _take_gradient(g, indices, axis, size):
    _within(indices, size, axis)
    out = np.zeros(g.shape[:axis] + (size,) + g.shape[axis + indices.ndim :], g.dtype)
    moved = np.moveaxis(out, axis, 0)
    rows = np.moveaxis(g.reshape(g.shape[:axis] + (indices.size,) + g.shape[axis + indices.ndim :]), axis, 0)
    for row, index in zip(rows, indices.reshape(-1)):
        moved[index] += row
    return out


def _sum_rows(g, indices, size):
    return np.take(_take_gradient(g, indices, 0, size), indices, 0)


def _put_rows(x, indices, rows):
    out = x.copy()
    out[_within(indices, len(x), 0)] = rows
    return out


def _power(x, y):
    """NumPy refuses integers to negative powers: the whole part of the float is 0, 1 or -1."""
    x, y = np.asarray(x), np.asarray(y)
    if "f" in x.dtype.kind + y.dtype.kind:
        return np.power(x, y)
    below = (y < 0) & (x != 0)
    inverse = np.trunc(1 / np.power(np.where(x == 0, 1.0, x), np.where(below, np.negative(y, dtype="int64"), 0)))
    return np.where(below, inverse, np.where(y < 0, 0, np.power(x, np.maximum(y, 0)))).astype(np.result_type(x, y))


_SAME_NAME = (
    "add subtract multiply divide floor_divide remainder maximum minimum arctan2 equal not_equal less "
    "less_equal greater greater_equal logical_and "
    "logical_or logical_xor bitwise_and bitwise_or bitwise_xor negative absolute sign floor ceil trunc square exp "
    "expm1 log log1p sqrt reciprocal sin cos "
    "tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh logical_not isfinite isnan isinf"
).split()

REFERENCE = {name: getattr(np, name) for name in _SAME_NAME}
REFERENCE.update(
    power=_power,
    round=np.rint,
    relu=lambda x: np.where(x > 0, x, np.where(np.isnan(x), x, 0)),
    sigmoid=lambda x: 1 / (1 + np.exp(-x)),
    rsqrt=lambda x: 1 / np.sqrt(x),
    identity=lambda x: x,
    stop_gradient=lambda x: x,
    wait_for=lambda x, after: x,
    where=np.where,
    cast=lambda x, dtype: x.astype(dtype),
    narrow=lambda x, dtype: x.astype(dtype),
    full=lambda shape, value, dtype: np.full(shape, value, dtype),
    reshape=lambda x, shape: x.reshape(shape),
    transpose=lambda x, axes: x.transpose(axes),
    broadcast_to=lambda x, shape: np.broadcast_to(x, shape),
    concatenate=lambda *inputs, axis: np.concatenate(inputs, axis),
    slice=lambda x, start, stop, strides: x[_slices(start, stop, strides)],
    slice_gradient=_slice_gradient,
    pad=_pad,
    flip=lambda x, axis: np.flip(x, axis),
    matmul=lambda x, y, transpose_x=False, transpose_y=False: _swapped(x, transpose_x) @ _swapped(y, transpose_y),
    sum=_reduction(np.sum),
    prod=_reduction(np.prod),
    max=_reduction(np.max),
    min=_reduction(np.min),
    any=_reduction(np.any),
    all=_reduction(np.all),
    argmax=lambda x, axis, keepdims=False: np.argmax(x, axis=axis, keepdims=keepdims),
    argmin=lambda x, axis, keepdims=False: np.argmin(x, axis=axis, keepdims=keepdims),
    cumsum=_cumulative(np.add),
    cumprod=_cumulative(np.multiply),
    cummax=_cumulative(np.maximum),
    take=_take,
    take_gradient=_take_gradient,
    sum_rows=_sum_rows,
    put_rows=_put_rows,
    take_along_axis=_take_along_axis,
)
