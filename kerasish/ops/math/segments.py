"""Sums, products and extremes of the segments of a value."""

from __future__ import annotations

import math

from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.primitives import p
from kerasish.backend.sizes import unlike_shapes
from kerasish.ops.convert import dtype_of, is_traced, limits, value_of
from kerasish.ops.numpy.helpers import known_int, window
from kerasish.ops.numpy.indexing import as_index
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


def _segments(data, segment_ids, num_segments):
    """(data, ids, count): a spare last segment takes what belongs to none."""
    data, ids = value_of(data), as_index(segment_ids)
    if unlike_shapes(ids.shape, data.shape[: len(ids.shape)]):
        raise ValueError(
            f"`segment_ids` must have the leading axes of `data`, {tuple(data.shape)}, got shape {tuple(ids.shape)}."
        )
    if num_segments is None:
        if is_traced(ids):
            raise ValueError("`num_segments` is needed inside a compiled function: it decides the shape of the result.")
        num_segments = int(p.max(ids, axis=None, keepdims=False)) + 1 if 0 not in ids.shape else 0
    count = known_int(num_segments, "num_segments")
    outside = p.logical_or(p.less(ids, 0), p.greater_equal(ids, count))
    ids = p.where(outside, count, ids)
    return data, p.reshape(ids, shape=(*ids.shape, 1)), count


def _start(data, ids, count, value):
    return p.full(shape=(count + 1, *data.shape[len(ids.shape) - 1 :]), value=value, dtype=dtype_of(data))


@operation
def segment_sum(
    data: TensorLike, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False
) -> AnyTensor:
    """The sum of the elements of each segment.

    Args:
        data: tensor.
        segment_ids: tensor of ints with the leading axes of `data`: the segment of each element; an element outside of
            0 to num_segments - 1 belongs to none.
        num_segments: int, by default the largest id plus 1.
        sorted: bool, accepted, and not needed.

    Returns:
        Tensor with `num_segments` in the place of the axes of `segment_ids`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.segment_sum([1, 2, 10, 20], [0, 0, 1, 1]).tolist()
        [3, 30]
    """
    data, ids, count = _segments(data, segment_ids, num_segments)
    return window(p.scatter_nd_add(_start(data, ids, count, 0), ids, data), 0, 0, count)


def _combined(data, segment_ids, num_segments, mode, start):
    data, ids, count = _segments(data, segment_ids, num_segments)
    return window(
        p.scatter_nd_combine(_start(data, ids, count, start(dtype_of(data))), ids, data, mode=mode), 0, 0, count
    )


def _lowest(dtype):
    return -math.inf if is_float_dtype(dtype) else limits(dtype)[0]


def _highest(dtype):
    return math.inf if is_float_dtype(dtype) else limits(dtype)[1]


@operation
def segment_max(
    data: TensorLike, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False
) -> AnyTensor:
    """The largest element of each segment; -inf (the smallest integer) for an empty one.

    Args:
        data: tensor.
        segment_ids: tensor of ints with the leading axes of `data`: the segment of each element; an element outside of
            0 to num_segments - 1 belongs to none.
        num_segments: int, by default the largest id plus 1.
        sorted: bool, accepted, and not needed.

    Returns:
        Tensor with `num_segments` in the place of the axes of `segment_ids`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.segment_max([1, 2, 10, 20], [0, 0, 1, 1]).tolist()
        [2, 20]
    """
    return _combined(data, segment_ids, num_segments, "max", _lowest)


@operation
def segment_min(
    data: TensorLike, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False
) -> AnyTensor:
    """The smallest element of each segment; inf (the largest integer) for an empty one.

    Args:
        data: tensor.
        segment_ids: tensor of ints with the leading axes of `data`: the segment of each element; an element outside of
            0 to num_segments - 1 belongs to none.
        num_segments: int, by default the largest id plus 1.
        sorted: bool, accepted, and not needed.

    Returns:
        Tensor with `num_segments` in the place of the axes of `segment_ids`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.segment_min([1, 2, 10, 20], [0, 0, 1, 1]).tolist()
        [1, 10]
    """
    return _combined(data, segment_ids, num_segments, "min", _highest)


@operation
def segment_prod(
    data: TensorLike, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False
) -> AnyTensor:
    """The product of the elements of each segment; 1 for an empty one.

    Args:
        data: tensor.
        segment_ids: tensor of ints with the leading axes of `data`: the segment of each element; an element outside of
            0 to num_segments - 1 belongs to none.
        num_segments: int, by default the largest id plus 1.
        sorted: bool, accepted, and not needed.

    Returns:
        Tensor with `num_segments` in the place of the axes of `segment_ids`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.segment_prod([1, 2, 10, 20], [0, 0, 1, 1]).tolist()
        [2, 200]
    """
    return _combined(data, segment_ids, num_segments, "mul", lambda dtype: 1)
