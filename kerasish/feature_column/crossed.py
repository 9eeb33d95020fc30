"""Several columns of categories as one."""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasish.data import Feature
from kerasish.feature_column.column import CategoricalColumn, Categories, Host, checked_size
from kerasish.feature_column.hashed import HashedColumn
from kerasish.feature_column.raw import is_missing, is_text, rows_of
from kerasish.utils import crossed_fingerprints, fingerprint64


@dataclasses.dataclass(frozen=True)
class CrossedColumn(CategoricalColumn):
    """What `crossed_column` makes.

    Args:
        crossed_keys: names of features, and categorical columns.
        hash_bucket_size: int.
        hash_key: int or None.

    Example:
        >>> from kerasish import feature_column as fc
        >>> fc.crossed_column(["town", "sex"], 100).name
        'sex_X_town'
    """

    crossed_keys: tuple[Any, ...]
    hash_bucket_size: int
    hash_key: int | None = None

    @property
    def name(self) -> str:
        return "_X_".join(sorted(key if isinstance(key, str) else key.name for key in self._leaves))

    @property
    def _leaves(self):
        """The features and columns that are crossed, those of crossed columns themselves."""
        found = []
        for key in self.crossed_keys:
            found += key._leaves if isinstance(key, CrossedColumn) else [key]
        return found

    @property
    def keys(self) -> list[str]:
        return sorted({name for key in self._leaves for name in ([key] if isinstance(key, str) else key.keys)})

    @property
    def num_buckets(self) -> int:
        return self.hash_bucket_size

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key in self._leaves:
            found.update({key: Feature((None,), "string", "")} if isinstance(key, str) else key.parse_example_spec)
        return found

    def width(self, widths: Mapping[str, Any]) -> Any:
        each = [widths[key] if isinstance(key, str) else key.width(widths) for key in self._leaves]
        return functools.reduce(operator.mul, each)

    def categories(self, host: Host) -> Categories:
        numbers, present = [], []
        for key in sorted(self._leaves, key=lambda key: isinstance(key, str)):  # TensorFlow's order: columns first
            number, there = host.once(
                ("crossed", key if isinstance(key, str) else id(key)), functools.partial(_numbers, key, host)
            )
            numbers.append(number)
            present.append(there)
        count = len(numbers)
        spread = [_along(column, axis, count) for axis, column in enumerate(numbers)]
        there = functools.reduce(np.logical_and, [_along(column, axis, count) for axis, column in enumerate(present)])
        hashes = crossed_fingerprints([np.broadcast_to(column, there.shape) for column in spread], self.hash_key)
        ids = (hashes % np.uint64(self.hash_bucket_size)).astype(np.int64)
        return Categories(np.where(there, ids, -1).reshape(len(ids), -1))


def _along(column, axis, count):
    """Values of shape (batch, values) with these along one of `count` axes: all combinations are what is crossed."""
    shape = [len(column)] + [1] * count
    shape[axis + 1] = column.shape[1]
    return column.reshape(shape)


def _numbers(key, host):
    """What is hashed of a feature or column, and where there is a value."""
    if not isinstance(key, str):
        ids = host.categories(key).ids
        return ids.astype(np.int64), ids != -1
    rows = rows_of(host, key)
    if not is_text(rows) and rows.dtype.kind not in "iub":
        raise ValueError(
            f"The feature {key!r} is crossed, so it must be text or integers, got dtype {rows.dtype}. Cross a "
            "`bucketized_column` of it."
        )
    # Alone in a row "" and -1 are values, as in TensorFlow; among several they fill shorter rows up.
    there = np.ones(rows.shape, bool) if rows.shape[1] == 1 else ~is_missing(rows)
    return (fingerprint64(rows) if is_text(rows) else rows.astype(np.int64)), there


def crossed_column(keys: Sequence[Any], hash_bucket_size: int, hash_key: int | None = None) -> CrossedColumn:
    """The combination of the values of several columns, by the bucket into which its hash falls.

    Where rows have several values, each combination counts. "" and -1 are no values there; alone in a row they are
    crossed as others are.

    Args:
        keys: names of features of text or integers, and categorical columns (not hashed ones: name the feature), at
            least two.
        hash_bucket_size: int, how many buckets there are.
        hash_key: int that the hashes begin with; None takes TensorFlow's.

    Returns:
        `CrossedColumn`.

    Raises:
        ValueError: for fewer than two keys, or what can't be crossed.

    Example:
        >>> from kerasish import feature_column as fc
        >>> both = fc.crossed_column(["letter", "number"], 5)
        >>> columns = fc.DenseFeatures([fc.indicator_column(both)])
        >>> columns({"letter": [["A"], ["B"]], "number": [[101], [101]]}).tolist()
        [[0.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0]]
    """
    checked_size(hash_bucket_size, "hash_bucket_size")
    found = tuple(keys) if isinstance(keys, (list, tuple)) else ()
    if len(found) < 2:
        raise ValueError(f"`keys` must be a list of at least two features or columns, got {keys!r:.80}.")
    for key in found:
        if not isinstance(key, (str, CategoricalColumn)) or getattr(key, "is_sequence", False):
            raise ValueError(f"`keys` must be names of features or categorical columns, got {key!r:.80}.")
        if isinstance(key, HashedColumn):
            raise ValueError(f"`keys` has the hashed column {key.name!r}: name its feature, {key.key!r}, instead.")
        if getattr(key, "has_weights", False):
            raise ValueError(f"`keys` has the weighted column {key.name!r}, which can't be crossed.")
    return CrossedColumn(found, hash_bucket_size, hash_key)
