"""Numbers by the range that they fall into."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasish import ops
from kerasish.feature_column.column import CategoricalColumn, Categories, DenseColumn, Host
from kerasish.feature_column.numeric import NumericColumn
from kerasish.feature_column.raw import is_text
from kerasish.typing import AnyTensor


@dataclasses.dataclass(frozen=True)
class BucketizedColumn(CategoricalColumn, DenseColumn):
    """What `bucketized_column` makes: categories, and vectors with a 1 in each.

    Args:
        source_column: `NumericColumn`.
        boundaries: floats, rising.

    Example:
        >>> from kerasish import feature_column as fc
        >>> age = fc.bucketized_column(fc.numeric_column("age"), [18, 65])
        >>> age.name, age.num_buckets
        ('age_bucketized', 3)
    """

    source_column: NumericColumn
    boundaries: tuple[float, ...]

    @property
    def name(self) -> str:
        return f"{self.source_column.name}_bucketized"

    @property
    def parents(self) -> Sequence[NumericColumn]:
        return (self.source_column,)

    @property
    def num_buckets(self) -> int:
        return (len(self.boundaries) + 1) * self.source_column.dimension

    @property
    def dimension(self) -> int:
        return self.num_buckets

    @property
    def categorical(self) -> CategoricalColumn:
        return self

    def width(self, widths: Mapping[str, Any]) -> Any:
        return self.source_column.dimension

    def categories(self, host: Host) -> Categories:
        source = self.source_column
        values = np.asarray(host.arrays[source.key])
        if is_text(values):
            raise ValueError(f"The feature {source.key!r} of {self.name!r} must be numbers, got text.")
        if source.normalizer_fn is not None:
            values = ops.convert_to_numpy(source.normalizer_fn(values))
        rows = values.reshape(-1, source.dimension)
        boundaries = np.asarray(self.boundaries, rows.dtype if rows.dtype.kind == "f" else "float64")
        ids = np.searchsorted(boundaries, rows, side="right")  # a number on a boundary is in the range above
        return Categories(ids + np.arange(source.dimension) * (len(boundaries) + 1))

    def dense(self, values: Any, table: Any = None) -> AnyTensor:
        return ops.sum(ops.one_hot(values.ids, self.num_buckets), axis=-2)


def bucketized_column(source_column: NumericColumn, boundaries: Sequence[float]) -> BucketizedColumn:
    """The range into which a number falls: (-inf, first), [first, second), ..., [last, inf).

    Args:
        source_column: what `numeric_column` gave, of one axis.
        boundaries: list of numbers, strictly rising.

    Returns:
        `BucketizedColumn`, which is both a categorical column and one of vectors.

    Raises:
        ValueError: for another source, and boundaries that do not rise.

    Example:
        >>> from kerasish import feature_column as fc
        >>> age = fc.bucketized_column(fc.numeric_column("age"), [18, 65])
        >>> fc.DenseFeatures([age])({"age": [17.0, 18.0]}).tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    if not isinstance(source_column, NumericColumn):
        raise ValueError(
            "`source_column` must be what `numeric_column` gave, got "
            f"{type(source_column).__name__}: {source_column!r:.80}."
        )
    if len(source_column.shape) > 1:
        raise ValueError(f"`source_column` must have one axis, got shape {source_column.shape}.")
    numbers = tuple(boundaries) if isinstance(boundaries, (list, tuple, np.ndarray)) else ()
    if not numbers or any(left >= right for left, right in zip(numbers, numbers[1:])):
        raise ValueError(f"`boundaries` must be a list of numbers that rise, got {boundaries!r}.")
    return BucketizedColumn(source_column, tuple(float(number) for number in numbers))
