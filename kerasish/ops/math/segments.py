"""Sums, products and extremes of the segments of a value."""

from __future__ import annotations

import math
from typing import Any

from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.primitives import p
from kerasish.ops.convert import dtype_of, is_traced, limits, value_of
from kerasish.ops.numpy.helpers import known_int, window
from kerasish.ops.numpy.indexing import as_index
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


def _segments(data, segment_ids, num_segments):
    """(data, ids, count): a spare last segment takes what belongs to none."""
    data, ids = value_of(data), as_index(segment_ids)
    if tuple(ids.shape) != tuple(data.shape[: len(ids.shape)]) and None not in (*ids.shape, *data.shape):
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
def segment_sum(data: Any, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False) -> AnyTensor:
    """The sum of the elements of each segment.

    Args:
        data: tensor; segment_ids: ints with its leading axes, the segment of each element (outside of 0 ...
            num_segments - 1: none).
        num_segments: int, by default the largest id plus 1; sorted: accepted, and not needed.

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
def segment_max(data: Any, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False) -> AnyTensor:
    """The largest element of each segment, -inf (the smallest integer) for an empty one; see `segment_sum`."""
    return _combined(data, segment_ids, num_segments, "max", _lowest)


@operation
def segment_min(data: Any, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False) -> AnyTensor:
    """The smallest element of each segment, inf (the largest integer) for an empty one; see `segment_sum`."""
    return _combined(data, segment_ids, num_segments, "min", _highest)


@operation
def segment_prod(
    data: Any, segment_ids: TensorLike, num_segments: int | None = None, sorted: bool = False
) -> AnyTensor:
    """The product of the elements of each segment, 1 for an empty one; see `segment_sum`."""
    return _combined(data, segment_ids, num_segments, "mul", lambda dtype: 1)
