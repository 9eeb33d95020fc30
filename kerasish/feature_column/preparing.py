"""The part of a layer of columns that runs on the host: categories as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kerasish import backend, ops
from kerasish.feature_column.column import CategoricalColumn, Categories, Host, checked_categorical, checked_columns
from kerasish.layers import Layer
from kerasish.typing import Config
from kerasish.utils import deserialize_keras_object, serialize_keras_object


class FeatureTransform(Layer):
    """The categories of columns as numbers, computed on the host: what the layers of columns put in front of them.

    In a model it is a layer of its own, so that all that comes behind it is compiled.

    Args:
        columns: list of categorical columns.
        **kwargs: those of `Layer`: `name`, ...

    Input shape:
        dict from feature name to array of shape (batch,) or (batch, values), of sequences (batch, steps).

    Output shape:
        dict with "NAME:ids" for each column, (batch, values), -1 where there is no value, and "NAME:weights" where
        there are weights.

    Example:
        >>> from kerasish import feature_column as fc
        >>> sex = fc.categorical_column_with_vocabulary_list("sex", ["Female", "Male"])
        >>> fc.FeatureTransform([sex])({"sex": ["Male", "", "Female"]})["sex:ids"].tolist()
        [[1], [-1], [0]]
    """

    runs_on_host = True

    def __init__(self, columns: Iterable[CategoricalColumn], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.columns = [checked_categorical(column, "columns") for column in checked_columns(columns, "columns")]

    @property
    def keys(self) -> list[str]:
        """The names of the features that are read."""
        return sorted({key for column in self.columns for key in column.keys})

    @property
    def outputs_names(self) -> list[str]:
        """The keys of what is returned."""
        return [name for column in self.columns for name in _names(column)]

    def call(self, features: Mapping[str, Any]) -> dict[str, Any]:
        values = {key: features[key] for key in self.keys}
        if any(isinstance(value, backend.Tensor) and not value.has_value for value in values.values()):
            return {name: item for column in self.columns for name, item in _traced(column, values)}
        host = Host({key: _on_host(value) for key, value in values.items()})
        made = [(column, host.categories(column)) for column in self.columns]
        return {name: item for column, found in made for name, item in zip(_names(column), found)}

    def get_config(self) -> Config:
        return {**super().get_config(), "columns": [serialize_keras_object(column) for column in self.columns]}

    @classmethod
    def from_config(cls, config: Config) -> FeatureTransform:
        return cls(**{**config, "columns": [deserialize_keras_object(column) for column in config["columns"]]})


def prepared(column: CategoricalColumn, features: Mapping[str, Any]) -> Categories:
    """What a `FeatureTransform` said of a column."""
    return Categories(*(features[name] for name in _names(column)))


def _names(column):
    return [f"{column.name}:ids", f"{column.name}:weights"][: 1 + column.has_weights]


def _on_host(value):
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    return value if kind in ("S", "U", "O", "T") else ops.convert_to_numpy(value)


def _traced(column, values):
    """The same as operations of a step that is being compiled."""
    keys = column.keys

    def shape_for(*shapes):
        first = shapes[0]
        widths = {key: _width(shape[2:] if column.is_sequence else shape[1:]) for key, shape in zip(keys, shapes)}
        return (*(first[:2] if column.is_sequence else first[:1]), column.width(widths))

    for place, name in enumerate(_names(column)):

        def compute(*arrays, place=place):
            return Host(dict(zip(keys, arrays))).categories(column)[place]

        operation = backend.numpy_operation(name, compute, shape_for, ("int64", "float32")[place])
        yield name, operation(*[values[key] for key in keys])


def _width(sizes):
    product = 1
    for size in sizes:
        product = product * size
    return product
