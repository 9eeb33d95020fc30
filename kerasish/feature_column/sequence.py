"""Columns of sequences: a value, or several, for each step."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasish import ops
from kerasish.data import Feature
from kerasish.feature_column.column import (
    CategoricalColumn,
    Categories,
    DenseColumn,
    Host,
    OneFeature,
    checked_dtype,
    checked_key,
    checked_size,
)
from kerasish.feature_column.hashed import categorical_column_with_hash_bucket
from kerasish.feature_column.identity import categorical_column_with_identity
from kerasish.feature_column.raw import is_missing, rows_of
from kerasish.feature_column.vocabulary import (
    categorical_column_with_vocabulary_file,
    categorical_column_with_vocabulary_list,
)
from kerasish.typing import AnyTensor, DTypeLike

NO_STEP, NO_CATEGORY = -1, -2  # a step that is not there, and one whose value is in no category


@dataclasses.dataclass(frozen=True)
class SequenceCategoricalColumn(CategoricalColumn):
    """What `sequence_categorical_column_with_...` make: categories, a step at a time.

    Args:
        categorical_column: column of the categories of a step.

    Example:
        >>> from kerasish import feature_column as fc
        >>> fc.sequence_categorical_column_with_identity("clicks", 2).num_buckets
        2
    """

    categorical_column: CategoricalColumn
    is_sequence = True

    @property
    def name(self) -> str:
        return self.categorical_column.name

    @property
    def parents(self) -> Sequence[CategoricalColumn]:
        return (self.categorical_column,)

    @property
    def num_buckets(self) -> int:
        return self.categorical_column.num_buckets

    def width(self, widths: Mapping[str, Any]) -> Any:
        return self.categorical_column.width(widths)

    def categories(self, host: Host) -> Categories:
        arrays = {key: np.asarray(host.arrays[key]) for key in self.keys}
        batch, steps = _batch_and_steps(next(iter(arrays.values())).shape, self.name)
        rows = {key: array.reshape(batch * steps, -1) for key, array in arrays.items()}
        host = Host(rows)
        ids = self.categorical_column.categories(host).ids.reshape(batch, steps, -1)
        is_there = ~is_missing(rows_of(host, self.keys[0])).reshape(ids.shape)
        return Categories(np.where((ids == NO_STEP) & is_there, NO_CATEGORY, ids))


@dataclasses.dataclass(frozen=True)
class SequenceNumericColumn(OneFeature, DenseColumn):
    """What `sequence_numeric_column` makes.

    Args:
        key: string, the feature's name.
        shape: ints, of a step.
        default_value: float that fills steps which are not there.
        dtype: string, of the feature in Examples.
        normalizer_fn: function of ops, or None.

    Example:
        >>> from kerasish import feature_column as fc
        >>> fc.sequence_numeric_column("heat", shape=2).dimension
        2
    """

    shape: tuple[int, ...] = (1,)
    default_value: float = 0.0
    dtype: str = "float32"
    normalizer_fn: Callable[[Any], Any] | None = None
    is_sequence = True

    @property
    def dimension(self) -> int:
        return int(np.prod(self.shape))

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        return {self.key: Feature((None,), self.dtype, float("nan"))}

    def steps(self, values: Any) -> Any:
        """The feature as a tensor of shape (batch, steps, dimension), NaN where there is no step."""
        values = ops.convert_to_tensor(values)
        steps = values.shape[1] if len(values.shape) > 2 else -1
        return ops.reshape(values, (values.shape[0], steps, self.dimension))

    def dense(self, values: Any, table: Any = None) -> AnyTensor:
        steps = self.steps(values)
        filled = ops.where(ops.isnan(steps), ops.cast(self.default_value, steps.dtype), steps)
        return ops.cast(filled if self.normalizer_fn is None else self.normalizer_fn(filled), "float32")


def sequence_numeric_column(
    key: str,
    shape: int | Sequence[int] = (1,),
    default_value: float = 0.0,
    dtype: DTypeLike = "float32",
    normalizer_fn: Callable[[Any], Any] | None = None,
) -> SequenceNumericColumn:
    """A sequence of numbers; NaN stands for steps that are not there, as at the ends of shorter rows.

    Args:
        key: string, the feature's name; its rows are (steps,) numbers, or (steps, *shape).
        shape: int or ints, of one step.
        default_value: float that fills steps which are not there.
        dtype: a dtype of floats, of the feature in Examples.
        normalizer_fn: function of ops, applied to the tensor of shape (batch, steps, dimension).

    Returns:
        `SequenceNumericColumn`.

    Raises:
        ValueError: as `numeric_column`.
        TypeError: as `numeric_column`.

    Example:
        >>> from kerasish import feature_column as fc
        >>> layer = fc.SequenceFeatures([fc.sequence_numeric_column("heat")])
        >>> vectors, lengths = layer({"heat": [[20.0, 21.0], [30.0, float("nan")]]})
        >>> vectors.tolist(), lengths.tolist()
        ([[[20.0], [21.0]], [[30.0], [0.0]]], [2, 1])
    """
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    sizes = tuple(checked_size(size, "shape") for size in sizes)
    if normalizer_fn is not None and not callable(normalizer_fn):
        raise TypeError(f"`normalizer_fn` must be a function of a tensor, got {normalizer_fn!r}.")
    kind = checked_dtype(dtype, "numbers")
    return SequenceNumericColumn(checked_key(key), sizes, float(default_value), kind, normalizer_fn)


def sequence_categorical_column_with_identity(
    key: str, num_buckets: int, default_value: int | None = None
) -> SequenceCategoricalColumn:
    """Integers that are the numbers of categories, a step at a time; -1 is no value.

    Args:
        key: string, the feature's name.
        num_buckets: int, how many categories there are.
        default_value: int, the category of numbers outside; None refuses them.

    Returns:
        `SequenceCategoricalColumn`.

    Raises:
        ValueError: as `categorical_column_with_identity`.

    Example:
        >>> from kerasish import feature_column as fc
        >>> clicks = fc.indicator_column(fc.sequence_categorical_column_with_identity("clicks", 2))
        >>> fc.SequenceFeatures([clicks])({"clicks": [[1, 0], [0, -1]]})[1].tolist()
        [2, 1]
    """
    return SequenceCategoricalColumn(categorical_column_with_identity(key, num_buckets, default_value))


def sequence_categorical_column_with_hash_bucket(
    key: str, hash_bucket_size: int, dtype: DTypeLike = "string"
) -> SequenceCategoricalColumn:
    """Text or integers by the bucket into which their hash falls, a step at a time.

    Args:
        key: string, the feature's name.
        hash_bucket_size: int, how many buckets there are, at least 2.
        dtype: "string", or a dtype of integers.

    Returns:
        `SequenceCategoricalColumn`.

    Raises:
        ValueError: as `categorical_column_with_hash_bucket`.

    Example:
        >>> from kerasish import feature_column as fc
        >>> fc.sequence_categorical_column_with_hash_bucket("words", 7).num_buckets
        7
    """
    return SequenceCategoricalColumn(categorical_column_with_hash_bucket(key, hash_bucket_size, dtype))


def sequence_categorical_column_with_vocabulary_list(
    key: str,
    vocabulary_list: Sequence[Any],
    dtype: DTypeLike | None = None,
    default_value: int = -1,
    num_oov_buckets: int = 0,
) -> SequenceCategoricalColumn:
    """Text or integers by their place in a list, a step at a time.

    Args:
        key: string, the feature's name.
        vocabulary_list: list of the values, without repetition.
        dtype: "string", or a dtype of integers; that of the list by default.
        default_value: int, the category of values that are not listed; -1 is none.
        num_oov_buckets: int, as in `categorical_column_with_vocabulary_list`.

    Returns:
        `SequenceCategoricalColumn`.

    Raises:
        ValueError: as `categorical_column_with_vocabulary_list`.

    Example:
        >>> from kerasish import feature_column as fc
        >>> fc.sequence_categorical_column_with_vocabulary_list("words", ["a", "b"]).num_buckets
        2
    """
    column = categorical_column_with_vocabulary_list(key, vocabulary_list, dtype, default_value, num_oov_buckets)
    return SequenceCategoricalColumn(column)


def sequence_categorical_column_with_vocabulary_file(
    key: str,
    vocabulary_file: Any,
    vocabulary_size: int | None = None,
    num_oov_buckets: int = 0,
    default_value: int | None = None,
    dtype: DTypeLike = "string",
) -> SequenceCategoricalColumn:
    """Text or integers by their line in a file, a step at a time.

    Args:
        key: string, the feature's name.
        vocabulary_file: path of a text file, a value a line.
        vocabulary_size: int, how many lines count; all by default.
        num_oov_buckets: int, as in `categorical_column_with_vocabulary_list`.
        default_value: int, as there; None is -1.
        dtype: "string", or a dtype of integers.

    Returns:
        `SequenceCategoricalColumn`.

    Raises:
        ValueError: as `categorical_column_with_vocabulary_file`.

    Example:
        >>> import os, tempfile
        >>> from kerasish import feature_column as fc
        >>> path = os.path.join(tempfile.mkdtemp(), "words.txt")
        >>> with open(path, "w") as file: _ = file.write("red\\ngreen\\n")
        >>> fc.sequence_categorical_column_with_vocabulary_file("colours", path).num_buckets
        2
    """
    column = categorical_column_with_vocabulary_file(
        key, vocabulary_file, vocabulary_size, num_oov_buckets, default_value, dtype
    )
    return SequenceCategoricalColumn(column)


def _batch_and_steps(shape, name):
    if len(shape) < 2:
        raise ValueError(f"The feature of {name!r} must be a sequence, (batch, steps), got shape {shape}.")
    return shape[:2]
