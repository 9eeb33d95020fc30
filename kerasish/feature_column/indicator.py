"""Categories as vectors of counts."""

from __future__ import annotations

import dataclasses
from typing import Any

from kerasish import ops
from kerasish.feature_column.column import CategoricalColumn, VectorsOfCategories, checked_categorical
from kerasish.typing import AnyTensor


@dataclasses.dataclass(frozen=True)
class IndicatorColumn(VectorsOfCategories):
    """What `indicator_column` makes.

    Args:
        categorical_column: column.

    Example:
        >>> from kerasish import feature_column as fc
        >>> fc.indicator_column(fc.categorical_column_with_identity("room", 4)).name
        'room_indicator'
    """

    @property
    def name(self) -> str:
        return f"{self.categorical_column.name}_indicator"

    @property
    def dimension(self) -> int:
        return self.categorical_column.num_buckets

    def dense(self, values: Any, table: Any = None) -> AnyTensor:
        vectors = ops.one_hot(values.ids, self.dimension)
        if values.weights is not None:
            vectors = ops.multiply(vectors, ops.expand_dims(values.weights, -1))
        return ops.sum(vectors, axis=-2)


def indicator_column(categorical_column: CategoricalColumn) -> IndicatorColumn:
    """Categories as vectors: how often each of them is there (for a single value, one-hot), or its weight.

    Args:
        categorical_column: column.

    Returns:
        `IndicatorColumn`.

    Raises:
        ValueError: for another column.

    Example:
        >>> from kerasish import feature_column as fc
        >>> words = fc.categorical_column_with_identity("words", 3)
        >>> fc.DenseFeatures([fc.indicator_column(words)])({"words": [[2, 2], [0, -1]]}).tolist()
        [[0.0, 0.0, 2.0], [1.0, 0.0, 0.0]]
    """
    return IndicatorColumn(checked_categorical(categorical_column, "categorical_column"))
