"""Pools to a given size: window i of n along an axis of d points goes from floor(i d / n) to ceil((i + 1) d / n)."""

from __future__ import annotations

from kerasish.backend.device import device
from kerasish.backend.primitives import p
from kerasish.backend.sizes import is_open
from kerasish.backend.variable import to_array
from kerasish.ops.convert import as_float, dtype_of, value_of
from kerasish.ops.nn.along import applied_along
from kerasish.ops.nn.space import AxisOrder, rank_of, sizes
from kerasish.ops.numpy.helpers import open_value
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, IntOrInts, TensorLike


def _windows(size, count):
    """(start, stop) of each window."""
    return [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]


def _adapted(x, output_size, data_format, regular, irregular):
    """Regular windows in one step; an axis after the other where windows differ in size."""
    order = AxisOrder(data_format)
    x = order.last(x)
    rank = rank_of(x)
    wanted = tuple(d if n is None else n for n, d in zip(_sizes(output_size, rank), x.shape[1:-1]))
    space = tuple(x.shape[1:-1])
    if is_open(space):
        return order.back(open_value((x.shape[0], *wanted, x.shape[-1]), dtype_of(x)))
    if all(d % n == 0 for d, n in zip(space, wanted)):
        window = tuple(d // n for d, n in zip(space, wanted))
        return order.back(x if set(window) == {1} else regular(x, window))
    for axis, (d, n) in enumerate(zip(space, wanted), start=1):
        if d != n:
            x = irregular(x, axis, _windows(d, n))
    return order.back(x)


def _sizes(output_size, rank):
    if isinstance(output_size, (tuple, list)) and None in output_size and len(output_size) == rank:
        return tuple(None if n is None else sizes(n, 1, "output_size")[0] for n in output_size)
    return sizes(output_size, rank, "output_size")


def _regular(primitive):
    return lambda x, window: primitive(x, window=window, strides=window, padding=((0, 0),) * len(window))


def _mean_along(x, axis, windows):
    """A product with the matrix of shares."""
    size = x.shape[axis]
    shares = [[1 / (stop - start) if start <= i < stop else 0.0 for i in range(size)] for start, stop in windows]
    return applied_along(x, to_array(device(), shares, dtype_of(x)), axis)


def _largest_along(x, axis, windows):
    """Each window as a row of places, short ones filled up with their last place."""
    longest = max(stop - start for start, stop in windows)
    places = [[min(start + i, stop - 1) for i in range(longest)] for start, stop in windows]
    return p.max(p.take(x, to_array(device(), places, "int32"), axis=axis), axis=(axis + 1,), keepdims=False)


@operation
def adaptive_average_pool(inputs: TensorLike, output_size: IntOrInts, data_format: str | None = None) -> AnyTensor:
    """The means of as many windows as the output is to have, spread evenly.

    Args:
        inputs: tensor (batch, *space, channels), or (batch, channels, *space) with "channels_first".
        output_size: int or one an axis of space.
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Tensor of the dtype of `inputs`, with `output_size` points of space.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.adaptive_average_pool([[[1.0], [2.0], [3.0]]], 2).tolist()
        [[[1.5], [2.5]]]
    """

    def mean(x, window):
        count = 1
        for w in window:
            count *= w
        return p.multiply(_regular(p.sum_pool)(x, window), 1 / count)

    return _adapted(as_float(inputs), output_size, data_format, mean, _mean_along)


@operation
def adaptive_max_pool(inputs: TensorLike, output_size: IntOrInts, data_format: str | None = None) -> AnyTensor:
    """The maxima of as many windows as the output is to have, spread evenly.

    Args:
        inputs: tensor (batch, *space, channels), or (batch, channels, *space) with "channels_first".
        output_size: int or one an axis of space.
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Tensor of the dtype of `inputs`, with `output_size` points of space.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.adaptive_max_pool([[[1.0], [3.0], [2.0]]], 2).tolist()
        [[[3.0], [3.0]]]
    """
    return _adapted(value_of(inputs), output_size, data_format, _regular(p.max_pool), _largest_along)
