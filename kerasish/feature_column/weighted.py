"""Categories with a weight each."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasish.data import Feature
from kerasish.feature_column.column import CategoricalColumn, Categories, Host, checked_categorical, checked_dtype
from kerasish.feature_column.raw import is_text, rows_of
from kerasish.typing import DTypeLike


@dataclasses.dataclass(frozen=True)
class WeightedColumn(CategoricalColumn):
    """What `weighted_categorical_column` makes.

    Args:
        categorical_column: column.
        weight_feature_key: string.
        dtype: string, of the weights in Examples.

    Example:
        >>> from kerasish import feature_column as fc
        >>> words = fc.categorical_column_with_identity("words", 3)
        >>> fc.weighted_categorical_column(words, "counts").name
        'words_weighted_by_counts'
    """

    categorical_column: CategoricalColumn
    weight_feature_key: str
    dtype: str = "float32"

    @property
    def name(self) -> str:
        return f"{self.categorical_column.name}_weighted_by_{self.weight_feature_key}"

    @property
    def parents(self) -> Sequence[CategoricalColumn]:
        return (self.categorical_column,)

    @property
    def keys(self) -> list[str]:
        return sorted({*self.categorical_column.keys, self.weight_feature_key})

    @property
    def num_buckets(self) -> int:
        return self.categorical_column.num_buckets

    @property
    def has_weights(self) -> bool:
        return True

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        weights = {self.weight_feature_key: Feature((None,), self.dtype, 0.0)}
        return {**self.categorical_column.parse_example_spec, **weights}

    def width(self, widths: Mapping[str, Any]) -> Any:
        return self.categorical_column.width(widths)

    def categories(self, host: Host) -> Categories:
        ids = host.categories(self.categorical_column).ids
        weights = rows_of(host, self.weight_feature_key)
        if is_text(weights) or weights.shape != ids.shape:
            raise ValueError(
                f"The weights {self.weight_feature_key!r} of {self.name!r} must be numbers of shape {ids.shape}, one "
                f"for each category, got {weights.dtype} of shape {weights.shape}."
            )
        return Categories(ids, weights.astype(np.float32))


def weighted_categorical_column(
    categorical_column: CategoricalColumn, weight_feature_key: str, dtype: DTypeLike = "float32"
) -> WeightedColumn:
    """Categories with a weight each, which stands in another feature.

    Args:
        categorical_column: column.
        weight_feature_key: string, name of the feature of weights, of the same shape as the categories.
        dtype: dtype of the weights in Examples.

    Returns:
        `WeightedColumn`.

    Raises:
        ValueError: for another column, or a dtype of no numbers.

    Example:
        >>> from kerasish import feature_column as fc
        >>> words = fc.categorical_column_with_identity("words", 3)
        >>> counted = fc.indicator_column(fc.weighted_categorical_column(words, "counts"))
        >>> fc.DenseFeatures([counted])({"words": [[2, 0]], "counts": [[1.0, 4.0]]}).tolist()
        [[4.0, 0.0, 1.0]]
    """
    if checked_categorical(categorical_column, "categorical_column").is_sequence:
        raise ValueError(f"`categorical_column` {categorical_column.name!r} is a sequence, which takes no weights.")
    return WeightedColumn(categorical_column, weight_feature_key, checked_dtype(dtype, "numbers"))
