"""What all feature columns share: a name, the features that they read, a config; and the two kinds that there are."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from kerasish.typing import AnyTensor, Config
from kerasish.utils import deserialize_keras_object, serialize_keras_object


class Categories(NamedTuple):
    """The categories of a batch: numbers of shape (batch, values), -1 where there is none, and their weights or None.

    Of a sequence: (batch, steps, values).
    """

    ids: Any
    weights: Any = None


class FeatureColumn:
    """A column: which features it reads, and how they become numbers. Columns are plain, frozen data.

    Example:
        >>> from kerasish import feature_column as fc
        >>> isinstance(fc.numeric_column("age"), fc.FeatureColumn)
        True
    """

    is_sequence = False

    @property
    def name(self) -> str:
        """The column's name, by which layers sort their columns."""
        raise NotImplementedError(f"{type(self).__name__} must define `name`.")

    @property
    def parents(self) -> Sequence[FeatureColumn]:
        """The columns that this one is made of."""
        return ()

    @property
    def keys(self) -> list[str]:
        """The names of the features that it reads, sorted."""
        return sorted({key for parent in self.parents for key in parent.keys})

    @property
    def parse_example_spec(self) -> dict[str, Any]:
        """Dict from feature name to the `data.Feature` by which it is read from an Example."""
        return {key: feature for parent in self.parents for key, feature in parent.parse_example_spec.items()}

    def get_config(self) -> Config:
        """The arguments that make the column again, as plain data."""
        return {field.name: _written(getattr(self, field.name)) for field in dataclasses.fields(self)}  # type: ignore[arg-type]

    @classmethod
    def from_config(cls, config: Config) -> FeatureColumn:
        """The column of a config.

        Args:
            config: what `get_config` gave.
        """
        return cls(**{name: _read(value) for name, value in config.items()})


class CategoricalColumn(FeatureColumn):
    """A column of categories, numbered from 0.

    Linear models take it as it is, others through `indicator_column` or `embedding_column`.

    Example:
        >>> from kerasish import feature_column as fc
        >>> isinstance(fc.crossed_column(["town", "sex"], 100), fc.CategoricalColumn)
        True
    """

    @property
    def num_buckets(self) -> int:
        """How many categories there are."""
        raise NotImplementedError(f"{type(self).__name__} must define `num_buckets`.")

    @property
    def has_weights(self) -> bool:
        """Whether each value has a weight."""
        return False

    def categories(self, host: Host) -> Categories:
        """The numbers of a batch's categories.

        Args:
            host: the batch's features as NumPy arrays.
        """
        raise NotImplementedError(f"{type(self).__name__} must define `categories`.")

    def width(self, widths: Mapping[str, Any]) -> Any:
        """How many values a row has.

        Args:
            widths: dict from feature name to how many values a row of it has.
        """
        return widths[self.keys[0]]


class DenseColumn(FeatureColumn):
    """A column of vectors, which networks take.

    Example:
        >>> from kerasish import feature_column as fc
        >>> isinstance(fc.numeric_column("age"), fc.DenseColumn)
        True
    """

    @property
    def dimension(self) -> int:
        """The length of its vectors."""
        raise NotImplementedError(f"{type(self).__name__} must define `dimension`.")

    @property
    def categorical(self) -> CategoricalColumn | None:
        """The column of categories behind it, which is prepared on the host; None for numbers."""
        return None

    @property
    def table(self) -> Any:
        """The `Table` that is learnt for it; None for none."""
        return None

    def dense(self, values: Any, table: Any) -> AnyTensor:
        """The vectors of a batch.

        Args:
            values: the feature's tensor for numbers, else its `Categories`.
            table: Variable of the column's `table`, or None.
        """
        raise NotImplementedError(f"{type(self).__name__} must define `dense`.")


@dataclasses.dataclass(frozen=True)
class OneFeature(FeatureColumn):
    """A column that reads one feature, and has its name.

    Args:
        key: string, the feature's name.

    Example:
        >>> from kerasish import feature_column as fc
        >>> fc.numeric_column("age").keys
        ['age']
    """

    key: str

    @property
    def name(self) -> str:
        return self.key

    @property
    def keys(self) -> list[str]:
        return [self.key]


@dataclasses.dataclass(frozen=True)
class VectorsOfCategories(DenseColumn):
    """A column of vectors that stand for the categories of another.

    Args:
        categorical_column: column.

    Example:
        >>> from kerasish import feature_column as fc
        >>> fc.indicator_column(fc.categorical_column_with_identity("room", 4)).categorical.name
        'room'
    """

    categorical_column: CategoricalColumn

    @property
    def parents(self) -> Sequence[CategoricalColumn]:
        return (self.categorical_column,)

    @property
    def is_sequence(self) -> bool:  # type: ignore[override]
        return self.categorical_column.is_sequence

    @property
    def categorical(self) -> CategoricalColumn:
        return self.categorical_column


class Host:
    """The features of one batch as NumPy arrays, and what columns made of them, computed once.

    Args:
        arrays: dict from feature name to array.
    """

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self.arrays = arrays
        self._made: dict[Any, Any] = {}

    def categories(self, column: CategoricalColumn) -> Categories:
        """The `Categories` of a column."""
        return self.once(id(column), lambda: column.categories(self))

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What `make` gives, kept under `key`."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


def checked_columns(columns: Any, name: str = "feature_columns") -> list[Any]:
    """Columns as a list without duplicates of names.

    Args:
        columns: a column, or an iterable of columns.
        name: the argument's, for messages.

    Raises:
        ValueError: for no columns, and for two of one name.
        TypeError: for what is none.
    """
    found = [columns] if isinstance(columns, FeatureColumn) else list(columns)
    if not found:
        raise ValueError(f"`{name}` must hold at least one column, got none.")
    by_name: dict[str, Any] = {}
    for column in found:
        if not isinstance(column, FeatureColumn):
            raise TypeError(f"`{name}` must hold feature columns, got {type(column).__name__}: {column!r:.80}.")
        if by_name.setdefault(column.name, column) != column:
            raise ValueError(f"`{name}` has two columns of the name {column.name!r}: {column}, {by_name[column.name]}.")
    return list(by_name.values())


def checked_categorical(column: Any, name: str) -> Any:
    """A categorical column, sequences included. Raises ValueError for another."""
    if not isinstance(column, CategoricalColumn):
        raise ValueError(
            f"`{name}` must be a categorical column (`categorical_column_with_...`, `crossed_column`, "
            f"`bucketized_column`), got {type(column).__name__}: {column!r:.80}."
        )
    return column


def checked_key(key: Any) -> str:
    """The name of a feature. Raises ValueError for what is no text."""
    if not isinstance(key, str) or not key:
        raise ValueError(f"`key` must be the name of a feature, a string, got {key!r}.")
    return key


def checked_size(value: Any, name: str, least: int = 1) -> int:
    """An int from `least` on. Raises ValueError for another value."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"`{name}` must be an int of at least {least}, got {value!r}.")
    return value


def checked_dtype(dtype: Any, kinds: str) -> str:
    """The name of a dtype. Raises ValueError where it is none of `kinds`."""
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None) or str(dtype)
    name = {"str": "string", "int": "int64", "float": "float32", "object": "string"}.get(name, name)
    known = {
        "numbers": ("float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16"),
        "categories": ("string", "int32", "int64", "int16", "int8"),
    }[kinds]
    if name not in known:
        raise ValueError(f"`dtype` must be one of {', '.join(known)}, got {dtype!r}.")
    return name


def _written(value):
    if isinstance(value, tuple):
        return [_written(item) for item in value]
    if isinstance(value, (str, int, float, type(None))):
        return value
    return serialize_keras_object(value)


def _read(value):
    if isinstance(value, list):
        return tuple(_read(item) for item in value)
    return deserialize_keras_object(value) if isinstance(value, dict) else value
