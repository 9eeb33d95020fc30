"""Categories by the hash of their text."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from kerasish.data import Feature
from kerasish.feature_column.column import (
    CategoricalColumn,
    Categories,
    Host,
    OneFeature,
    checked_dtype,
    checked_key,
    checked_size,
)
from kerasish.feature_column.raw import is_missing, is_text, rows_of
from kerasish.typing import DTypeLike
from kerasish.utils import fingerprint64


@dataclasses.dataclass(frozen=True)
class HashedColumn(OneFeature, CategoricalColumn):
    """What `categorical_column_with_hash_bucket` makes.

    Args:
        key: string, the feature's name.
        hash_bucket_size: int.
        dtype: string.

    Example:
        >>> from kerasish import feature_column as fc
        >>> fc.categorical_column_with_hash_bucket("word", 100).num_buckets
        100
    """

    hash_bucket_size: int
    dtype: str = "string"

    @property
    def num_buckets(self) -> int:
        return self.hash_bucket_size

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        return {self.key: Feature((None,), self.dtype, "" if self.dtype == "string" else -1)}

    def categories(self, host: Host) -> Categories:
        rows = rows_of(host, self.key)
        check_kind(rows, self.key, self.dtype)
        ids = (fingerprint64(rows) % np.uint64(self.hash_bucket_size)).astype(np.int64)
        return Categories(np.where(is_missing(rows), -1, ids))


def check_kind(rows: Any, key: str, dtype: str) -> None:
    """Refuse numbers where a column says text, and the other way round. Raises ValueError."""
    if is_text(rows) != (dtype == "string") or (not is_text(rows) and rows.dtype.kind not in "iub"):
        raise ValueError(f"The feature {key!r} must be of dtype {dtype}, as its column says, got {rows.dtype}.")


def categorical_column_with_hash_bucket(key: str, hash_bucket_size: int, dtype: DTypeLike = "string") -> HashedColumn:
    """Text or integers by the bucket into which their hash falls; "" and -1 are no value.

    Args:
        key: string, the feature's name.
        hash_bucket_size: int, how many buckets there are, at least 2.
        dtype: "string", or a dtype of integers, which are hashed as their decimal digits.

    Returns:
        `HashedColumn`.

    Raises:
        ValueError: for a size below 2, or another dtype.

    Reference:
        FarmHash64, as in TensorFlow: the same text falls into the same bucket.

    Example:
        >>> from kerasish import feature_column as fc
        >>> word = fc.indicator_column(fc.categorical_column_with_hash_bucket("word", 3))
        >>> fc.DenseFeatures([word])({"word": [["A"], ["B"]]}).tolist()
        [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    """
    checked_size(hash_bucket_size, "hash_bucket_size", 2)
    return HashedColumn(checked_key(key), hash_bucket_size, checked_dtype(dtype, "categories"))
