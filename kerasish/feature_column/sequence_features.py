"""Columns of sequences side by side."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from kerasish import ops
from kerasish.feature_column.column import DenseColumn
from kerasish.feature_column.dense_features import DenseFeatures
from kerasish.feature_column.preparing import prepared
from kerasish.feature_column.sequence import NO_STEP
from kerasish.typing import AnyTensor


class SequenceFeatures(DenseFeatures):
    """Columns of sequences as a vector for each step, side by side in the order of their names, and the lengths.

    A row is as long as the last step at which one of the columns has a value.

    Args:
        feature_columns: list of columns of sequences: `sequence_numeric_column`, and `indicator_column` or
            `embedding_column` of `sequence_categorical_column_with_...`.
        **kwargs: those of `Layer`: `name`, `trainable`, ...

    Input shape:
        dict from feature name to array of shape (batch, steps) or (batch, steps, values), shorter rows filled up by
        "", -1 or NaN.

    Output shape:
        a pair: (batch, steps, the sum of the columns' dimensions), and (batch,) integers.

    Raises:
        ValueError: for columns that are no sequences.

    Example:
        >>> from kerasish import feature_column as fc
        >>> words = fc.sequence_categorical_column_with_vocabulary_list("words", ["a", "b"])
        >>> vectors, lengths = fc.SequenceFeatures([fc.indicator_column(words)])({"words": [["b", "a"], ["a", ""]]})
        >>> vectors.tolist(), lengths.tolist()
        ([[[0.0, 1.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 0.0]]], [2, 1])
    """

    def _check_columns(self):
        for column in self.feature_columns:
            if not isinstance(column, DenseColumn) or not column.is_sequence:
                raise ValueError(
                    f"`feature_columns` of {self.name!r} must be sequences of vectors, {column.name!r} is none: "
                    f"{column!r:.80}."
                )

    def call(self, features: Mapping[str, Any]) -> tuple[AnyTensor, AnyTensor]:
        vectors = super().call(features)
        present = functools.reduce(ops.logical_or, [self._present(column, features) for column in self.feature_columns])
        steps = ops.arange(1, present.shape[1] + 1, dtype="int32")
        return vectors, ops.max(ops.multiply(ops.cast(present, "int32"), steps), axis=1)

    def _present(self, column, features):
        """At which steps a column has a value, (batch, steps)."""
        if column.categorical is not None:
            return ops.any(ops.not_equal(prepared(column.categorical, features).ids, NO_STEP), axis=-1)
        return ops.logical_not(ops.all(ops.isnan(column.steps(features[column.keys[0]])), axis=-1))
