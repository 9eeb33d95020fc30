"""Numbers that are categories already."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from kerasish.data import Feature
from kerasish.feature_column.column import CategoricalColumn, Categories, Host, OneFeature, checked_key, checked_size
from kerasish.feature_column.raw import is_missing, is_text, rows_of


@dataclasses.dataclass(frozen=True)
class IdentityColumn(OneFeature, CategoricalColumn):
    """What `categorical_column_with_identity` makes.

    Args:
        key: string, the feature's name.
        number_buckets: int.
        default_value: int or None.

    Example:
        >>> from kerasish import feature_column as fc
        >>> fc.categorical_column_with_identity("room", 4).num_buckets
        4
    """

    number_buckets: int
    default_value: int | None = None

    @property
    def num_buckets(self) -> int:
        return self.number_buckets

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        return {self.key: Feature((None,), "int64", -1)}

    def categories(self, host: Host) -> Categories:
        rows = rows_of(host, self.key)
        if is_text(rows) or rows.dtype.kind not in "iub":
            raise ValueError(f"The feature {self.key!r} must be integers, got dtype {rows.dtype}.")
        rows = rows.astype(np.int64)
        missing = is_missing(rows)
        outside = ((rows < 0) | (rows >= self.number_buckets)) & ~missing
        if self.default_value is not None:
            return Categories(np.where(outside, self.default_value, rows))
        if outside.any():
            raise ValueError(
                f"The feature {self.key!r} must hold integers from 0 to {self.number_buckets - 1} (-1 for none), got "
                f"{rows[outside][0]}. Give its column a `default_value`, or more buckets."
            )
        return Categories(rows)


def categorical_column_with_identity(key: str, num_buckets: int, default_value: int | None = None) -> IdentityColumn:
    """Integers that are the numbers of categories; -1 is no value.

    Args:
        key: string, the feature's name.
        num_buckets: int, how many categories there are.
        default_value: int, the category of numbers outside; None refuses them.

    Returns:
        `IdentityColumn`.

    Raises:
        ValueError: for sizes below 1, and a default that is no category.

    Example:
        >>> from kerasish import feature_column as fc
        >>> room = fc.indicator_column(fc.categorical_column_with_identity("room", 3))
        >>> fc.DenseFeatures([room])({"room": [[2], [0]]}).tolist()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    checked_size(num_buckets, "num_buckets")
    if default_value is not None and not 0 <= default_value < num_buckets:
        raise ValueError(f"`default_value` must be from 0 to {num_buckets - 1}, got {default_value!r}.")
    return IdentityColumn(checked_key(key), num_buckets, default_value)
