"""A linear model of columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kerasish import initializers, ops, regularizers
from kerasish.feature_column.column import CategoricalColumn, DenseColumn, FeatureColumn, checked_size
from kerasish.feature_column.feature_layer import FeatureLayer
from kerasish.feature_column.lookups import Table, checked_combiner, combined
from kerasish.feature_column.preparing import prepared
from kerasish.typing import AnyTensor, Config, InitializerLike, RegularizerLike


class LinearModel(FeatureLayer):
    """The sum of a weight for each category, and of each number times its weight, and a bias.

    Args:
        feature_columns: list of columns: categorical ones as they are, and those of vectors.
        units: int, how many outputs there are.
        sparse_combiner: "sum", "mean" or "sqrtn", what becomes of the weights where a row has several categories.
        kernel_initializer: Initializer, its name or config, of the weights.
        bias_initializer: Initializer, its name or config, of the bias.
        kernel_regularizer: Regularizer, its name or config, for the weights; None for none.
        **kwargs: those of `Layer`: `name`, `trainable`, ...

    Input shape:
        dict from feature name to array of shape (batch,) or (batch, values).

    Output shape:
        (batch, units).

    Example:
        >>> from kerasish import feature_column as fc
        >>> fc.LinearModel([fc.numeric_column("age")], kernel_initializer="ones")({"age": [20.0, 30.0]}).tolist()
        [[20.0], [30.0]]
    """

    def __init__(
        self,
        feature_columns: Iterable[FeatureColumn],
        units: int = 1,
        sparse_combiner: str = "sum",
        kernel_initializer: InitializerLike = "zeros",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(feature_columns, **kwargs)
        self.units = checked_size(units, "units")
        self.sparse_combiner = checked_combiner(sparse_combiner, "sparse_combiner")
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)

    def _check_columns(self):
        for column in self.feature_columns:
            if not isinstance(column, (DenseColumn, CategoricalColumn)) or column.is_sequence:
                raise ValueError(f"{column.name!r} can be no column of a linear model: {column!r:.80}.")

    def _categorical(self, column):
        return column if isinstance(column, CategoricalColumn) else column.categorical

    def build(self, input_shape: Any) -> None:
        for column in self.feature_columns:
            is_categorical = isinstance(column, CategoricalColumn)
            if not is_categorical and column.table is not None:
                self._add_table(column.table)
            rows = column.num_buckets if is_categorical else column.dimension
            weights = self._add_table(Table(f"{column.name}/weights", (rows, self.units), self.kernel_initializer))
            weights.regularizer = self.kernel_regularizer
        self._variables_of["/bias"] = self.add_weight((self.units,), self.bias_initializer, name="bias")
        self.built = True

    @property
    def bias(self) -> Any:
        """The bias, a Variable of shape (units,)."""
        return self._variables_of["/bias"]

    def weights_of(self, column: FeatureColumn) -> Any:
        """The weights of a column, a Variable of shape (categories or dimension, units).

        Args:
            column: one of `feature_columns`.
        """
        return self._variables_of[f"{column.name}/weights"]

    def call(self, features: Mapping[str, Any]) -> AnyTensor:
        outputs = ops.convert_to_tensor(self.bias)
        for column in self.feature_columns:
            outputs = ops.add(self._term(column, features), outputs)
        return outputs

    def _term(self, column, features):
        weights, behind = self.weights_of(column), self._categorical(column)
        values = features[column.keys[0]] if behind is None else prepared(behind, features)
        if isinstance(column, CategoricalColumn):
            return combined(weights, values, self.sparse_combiner)
        table = None if column.table is None else self._variables_of[column.table.name]
        return ops.matmul(column.dense(values, table), weights)

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "units": self.units,
            "sparse_combiner": self.sparse_combiner,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
        }


def linear_model(
    features: Mapping[str, Any],
    feature_columns: Iterable[FeatureColumn],
    units: int = 1,
    sparse_combiner: str = "sum",
    trainable: bool = True,
) -> AnyTensor:
    """A linear model of features, which begins at 0: a new `LinearModel`, called.

    Args:
        features: dict from feature name to tensor.
        feature_columns: list of columns.
        units: int, how many outputs there are.
        sparse_combiner: as of `LinearModel`.
        trainable: bool, whether the weights are learnt.

    Returns:
        Tensor of shape (batch, units).

    Example:
        >>> from kerasish import feature_column as fc
        >>> fc.linear_model({"age": [20.0, 30.0]}, [fc.numeric_column("age")]).tolist()
        [[0.0], [0.0]]
    """
    return LinearModel(feature_columns, units, sparse_combiner, trainable=trainable)(features)
