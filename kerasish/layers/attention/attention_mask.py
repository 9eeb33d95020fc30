"""Which query may look at which key: masks of the inputs, causal and sliding windows, joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import ops
from kerasish.backend.dtypes import standardize_dtype
from kerasish.typing import AnyTensor, TensorLike


def bools(mask: Any) -> Any:
    """`mask` as bools: true where it is not 0."""
    return mask if standardize_dtype(mask.dtype) == "bool" else ops.cast(mask, "bool")


def _places(x, axis):
    """0, 1, 2... along `axis` of x, as int32."""
    return ops.arange(x.shape[axis], dtype="int32")


def limits(
    query: TensorLike, key: AnyTensor, axis: int | Sequence[int] = 1, causal: bool = True, window: Any = None
) -> Any:
    """(1, queries, keys) of bools.

    True where a key is not after the query (`causal`), and fewer than `window` places away from it.

    Args:
        query, key: tensors whose `axis` holds the queries and the keys. causal: bool. window: int or None.
    """
    distance = ops.subtract(ops.expand_dims(_places(query, axis), (0, 2)), ops.expand_dims(_places(key, axis), (0, 1)))
    allowed = ops.greater_equal(distance, 0) if causal else None
    if window is None:
        return allowed
    return joined(allowed, ops.less(ops.absolute(distance), window))


def joined(*masks: Any) -> Any:
    """The conjunction, as bools, of the masks that are not None; None where all are."""
    found = None
    for mask in masks:
        if mask is not None:
            found = bools(mask) if found is None else ops.logical_and(found, bools(mask))
    return found


def rows_and_columns(query_mask: Any, value_mask: Any, key_mask: Any) -> Any:
    """The masks of queries (..., T), values and keys (..., S) as masks that broadcast to (..., T, S)."""
    rows = None if query_mask is None else ops.expand_dims(query_mask, -1)
    return [rows] + [None if mask is None else ops.expand_dims(mask, -2) for mask in (value_mask, key_mask)]
