"""Maxima and means over windows of space."""

from __future__ import annotations

from kerasish.backend.primitives import p
from kerasish.backend.primitives.windows import counts
from kerasish.ops.convert import as_float, dtype_of, value_of
from kerasish.ops.nn.space import AxisOrder, check_windows, padding_for, rank_of, sizes
from kerasish.ops.numpy.helpers import at_once, product
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, IntOrInts, TensorLike


def _placement(x, pool_size, strides, padding):
    """The attributes of a pool of `x`, whose channels are last."""
    rank = rank_of(x)
    window = sizes(pool_size, rank, "pool_size")
    strides = window if strides is None else sizes(strides, rank, "strides")
    pads = padding_for(padding, x.shape[1:-1], window, strides, (1,) * rank)
    check_windows(x, counts(x.shape[1:-1], window, strides, pads, (1,) * rank), f"A window of {window} points")
    return {"window": window, "strides": strides, "padding": pads}


@operation
def max_pool(
    inputs: TensorLike,
    pool_size: IntOrInts,
    strides: IntOrInts | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> AnyTensor:
    """The largest value of each window.

    Args:
        inputs: tensor (batch, *space, channels), or (batch, channels, *space) with "channels_first".
        pool_size: int or one an axis of space, the points of a window.
        strides: int or one an axis of space, from window to window; None for `pool_size`.
        padding: "valid" (windows lie within the inputs) or "same" (points are added that never are the largest).
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Tensor of the dtype of `inputs`, with a point of space for each window.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.max_pool([[[1.0], [3.0], [2.0], [0.0]]], 2).tolist()
        [[[3.0], [2.0]]]
    """
    order = AxisOrder(data_format)
    x = order.last(value_of(inputs))
    return order.back(p.max_pool(x, **_placement(x, pool_size, strides, padding)))


@operation
def average_pool(
    inputs: TensorLike,
    pool_size: IntOrInts,
    strides: IntOrInts | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> AnyTensor:
    """The mean of each window, over those points of it that lie within the inputs.

    Args:
        inputs: tensor (batch, *space, channels), or (batch, channels, *space) with "channels_first".
        pool_size: int or one an axis of space, the points of a window.
        strides: int or one an axis of space, from window to window; None for `pool_size`.
        padding: "valid" (windows lie within the inputs) or "same" (points are added that do not count).
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Float tensor with a point of space for each window.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.average_pool([[[1.0], [3.0], [5.0]]], 2, strides=2, padding="same").tolist()
        [[[2.0], [5.0]]]
    """
    order = AxisOrder(data_format)
    x = order.last(as_float(inputs))
    placement = _placement(x, pool_size, strides, padding)
    total = p.sum_pool(x, **placement)
    if not any(map(any, placement["padding"])):
        share = 1 / product(placement["window"])
    else:
        ones = at_once(p.full, shape=(1, *x.shape[1:-1], 1), value=1, dtype=dtype_of(x))
        share = at_once(p.reciprocal, at_once(p.sum_pool, ones, **placement))
    return order.back(p.multiply(total, share))
