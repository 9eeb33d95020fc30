"""Rows of a table by categories, several a row made one."""

from __future__ import annotations

import dataclasses
from typing import Any

from kerasish import ops
from kerasish.feature_column.column import Categories
from kerasish.typing import AnyTensor

COMBINERS = ("mean", "sqrtn", "sum")


@dataclasses.dataclass(frozen=True)
class Table:
    """Weights that are learnt, a row for each category.

    Args:
        name: string; columns of one layer that name the same table share it.
        shape: ints.
        initializer: Initializer.
        trainable: bool.
    """

    name: str
    shape: tuple[int, int]
    initializer: Any
    trainable: bool = True


def combined(
    table: Any, values: Categories, combiner: str, max_norm: float | None = None, drop_light: bool = True
) -> AnyTensor:
    """The rows of a table for the categories of each row of a batch, as one; 0 where there are none.

    Args:
        table: Variable of shape (categories, dimension).
        values: categories.
        combiner: "mean" (weighted), "sqrtn" (the sum by the root of the sum of squared weights) or "sum".
        max_norm: float, to which rows that are longer are shortened; None for none.
        drop_light: whether weights of 0 and below count as no value where the combiner divides by weights.

    Returns:
        Tensor of shape (batch, dimension), of sequences (batch, steps, dimension).
    """
    ids, weights = values
    rows = ops.take(table, ops.maximum(ids, 0), axis=0)
    if max_norm is not None:
        lengths = ops.sqrt(ops.sum(ops.square(rows), axis=-1, keepdims=True))
        rows = ops.multiply(rows, ops.divide(max_norm, ops.maximum(lengths, max_norm)))
    present = ops.cast(ops.greater_equal(ids, 0), rows.dtype)
    if weights is not None:
        weights = ops.cast(weights, rows.dtype)
        if drop_light and combiner != "sum":
            weights = ops.maximum(weights, 0.0)
        present = ops.multiply(present, weights)
    total = ops.sum(ops.multiply(rows, ops.expand_dims(present, -1)), axis=-2)
    if combiner == "sum":
        return total
    squared = ops.square(present) if combiner == "sqrtn" else present
    divisor = ops.sum(squared, axis=-1, keepdims=True)
    divisor = ops.sqrt(divisor) if combiner == "sqrtn" else divisor
    is_empty = ops.equal(divisor, 0)
    return ops.where(is_empty, ops.zeros_like(total), ops.divide(total, ops.where(is_empty, 1.0, divisor)))


def checked_combiner(combiner: Any, name: str = "combiner") -> str:
    """The name of a combiner. Raises ValueError for another."""
    if combiner not in COMBINERS:
        raise ValueError(f"`{name}` must be one of {', '.join(COMBINERS)}, got {combiner!r}.")
    return combiner
