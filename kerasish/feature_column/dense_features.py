"""Columns side by side as one vector a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kerasish import ops
from kerasish.feature_column.column import DenseColumn, FeatureColumn
from kerasish.feature_column.feature_layer import FeatureLayer
from kerasish.feature_column.preparing import prepared
from kerasish.typing import AnyTensor


class DenseFeatures(FeatureLayer):
    """Columns as one vector a row: side by side, in the order of their names.

    Args:
        feature_columns: list of columns of vectors: numeric, bucketized, indicator, embedding.
        **kwargs: those of `Layer`: `name`, `trainable`, ...

    Raises:
        ValueError: for columns that are no vectors, and two of one name.

    Input shape:
        dict from feature name to array of shape (batch,) or (batch, values).

    Output shape:
        (batch, the sum of the columns' dimensions).

    Example:
        >>> from kerasish import feature_column as fc
        >>> age = fc.numeric_column("age")
        >>> sex = fc.indicator_column(fc.categorical_column_with_vocabulary_list("sex", ["Female", "Male"]))
        >>> fc.DenseFeatures([sex, age])({"sex": ["Male", "Female"], "age": [20.0, 30.0]}).tolist()
        [[20.0, 0.0, 1.0], [30.0, 1.0, 0.0]]
    """

    def _check_columns(self):
        for column in self.feature_columns:
            if not isinstance(column, DenseColumn):
                raise ValueError(
                    f"`feature_columns` of {self.name!r} must be vectors, got the categories {column.name!r}: wrap "
                    "them in `indicator_column` or `embedding_column`."
                )
            if column.is_sequence:
                raise ValueError(f"{column.name!r} is a sequence: `SequenceFeatures` takes those.")

    def build(self, input_shape: Any) -> None:
        for column in self.feature_columns:
            if column.table is not None:
                self._add_table(column.table)
        self.built = True

    def call(self, features: Mapping[str, Any]) -> AnyTensor:
        vectors = [self._vectors(column, features) for column in self.feature_columns]
        return vectors[0] if len(vectors) == 1 else ops.concatenate(vectors, axis=-1)

    def _vectors(self, column, features):
        behind = column.categorical
        values = features[column.keys[0]] if behind is None else prepared(behind, features)
        table = None if column.table is None else self._variables_of[column.table.name]
        return column.dense(values, table)


def input_layer(
    features: Mapping[str, Any], feature_columns: Iterable[FeatureColumn], trainable: bool = True
) -> AnyTensor:
    """Features as one vector a row: a new `DenseFeatures`, called.

    Args:
        features: dict from feature name to tensor.
        feature_columns: list of columns of vectors.
        trainable: bool, whether tables of embeddings are learnt.

    Returns:
        Tensor of shape (batch, size).

    Example:
        >>> from kerasish import feature_column as fc
        >>> fc.input_layer({"age": [20.0, 30.0]}, [fc.numeric_column("age")]).tolist()
        [[20.0], [30.0]]
    """
    return DenseFeatures(feature_columns, trainable=trainable)(features)
