"""What layers of columns share: features by name, the host's part in front of them, tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kerasish.feature_column.column import FeatureColumn, checked_columns
from kerasish.feature_column.lookups import Table
from kerasish.feature_column.preparing import FeatureTransform
from kerasish.layers import Layer
from kerasish.typing import Config
from kerasish.utils import deserialize_keras_object, serialize_keras_object


class FeatureLayer(Layer):
    """A layer that is called on a dict of features.

    On symbolic tensors it becomes two layers of the model: a `FeatureTransform`, which computes on the host what is
    text, and itself.
    """

    takes_text = takes_plain_values = True

    def __init__(self, feature_columns: Iterable[FeatureColumn], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.feature_columns = sorted(checked_columns(feature_columns), key=lambda column: column.name)
        self._check_columns()
        categorical = [found for column in self.feature_columns if (found := self._categorical(column)) is not None]
        self.transform = FeatureTransform(categorical, name=f"{self.name}_transform") if categorical else None
        self._variables_of: dict[str, Any] = {}

    def _check_columns(self):
        """Refuse columns of the wrong kind."""

    def _categorical(self, column):
        """The column of categories that the host prepares for a column, or None."""
        return column.categorical

    def __call__(self, features: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(features, Mapping):
            raise ValueError(
                f"{self.name!r} must be called on a dict from feature names to tensors, got "
                f"{type(features).__name__}: {features!r:.80}."
            )
        return super().__call__(self._prepared(features), *args, **kwargs)

    def _prepared(self, features):
        """Numbers by feature, and the categories of columns by column."""
        direct = {key for column in self.feature_columns if self._categorical(column) is None for key in column.keys}
        made = [] if self.transform is None else self.transform.outputs_names
        is_prepared = all(name in features for name in made)
        needed = sorted(direct | (set() if is_prepared or not made else set(self.transform.keys)))
        missing = [key for key in needed if key not in features]
        if missing:
            there = ", ".join(map(repr, features))
            raise ValueError(f"{self.name!r} reads the feature {missing[0]!r}, which is not there, but {there}.")
        numbers = {key: features[key] for key in sorted(direct)}
        for key, values in numbers.items():
            kind = getattr(values, "dtype", None)
            if kind == "string" or getattr(kind, "kind", None) in ("S", "U", "T"):
                raise ValueError(
                    f"The feature {key!r} is text, and {self.name!r} takes it as numbers: give it a column of "
                    "categories, such as `categorical_column_with_vocabulary_list`."
                )
        if is_prepared:
            return {**numbers, **{name: features[name] for name in made}}
        return {**numbers, **self.transform({key: features[key] for key in self.transform.keys})}

    def _add_table(self, table: Table):
        """The variable of a table, which columns of one name share."""
        if table.name not in self._variables_of:
            self._variables_of[table.name] = self.add_weight(
                shape=table.shape,
                initializer=table.initializer,
                name=table.name.replace("/", "_"),
                trainable=table.trainable and self.trainable,
            )
        return self._variables_of[table.name]

    def get_config(self) -> Config:
        columns = [serialize_keras_object(column) for column in self.feature_columns]
        return {**super().get_config(), "feature_columns": columns}

    @classmethod
    def from_config(cls, config: Config) -> Any:
        columns = [deserialize_keras_object(column) for column in config["feature_columns"]]
        return cls(**{**config, "feature_columns": columns})
