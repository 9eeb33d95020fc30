"""Wide and deep: a linear model and a network side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import ops
from kerasish.estimator.canned.heads import Head, RegressionHead, class_head
from kerasish.estimator.canned.optimizing import chosen, linear_rate
from kerasish.estimator.canned.parts import checked_hidden, checked_some, deep_logits, linear_logits
from kerasish.estimator.estimator import Estimator
from kerasish.estimator.run_config import RunConfig
from kerasish.estimator.spec import minimize
from kerasish.typing import ActivationLike, PathLike


class _Combined(Estimator):
    def __init__(
        self,
        head: Head,
        linear_columns: Any,
        linear_optimizer: Any,
        dnn_columns: Any,
        dnn_optimizer: Any,
        hidden_units: Any,
        activation: Any,
        dropout: float | None,
        batch_norm: bool,
        sparse_combiner: str,
        **settings: Any,
    ) -> None:
        wide, deep = (checked_some(columns) if columns else [] for columns in (linear_columns, dnn_columns))
        if not wide and not deep:
            raise ValueError("Give `linear_feature_columns`, `dnn_feature_columns`, or both.")
        sizes = checked_hidden(hidden_units, deep)[0] if deep else []

        def model_fn(features, labels, mode):
            parts = []
            if deep:
                found = deep_logits(features, deep, sizes, head.size, activation, dropout, batch_norm)
                parts.append((*found, dnn_optimizer, 0.001))
            if wide:
                found = linear_logits(features, wide, head.size, sparse_combiner)
                parts.append((*found, linear_optimizer, linear_rate(wide, 0.005)))
            logits = parts[0][0] if len(parts) == 1 else ops.add(parts[0][0], parts[1][0])

            def train_op(loss):
                return [minimize(loss, chosen(optimizer, rate), own) for _, own, optimizer, rate in parts]

            return head.spec(mode, features, labels, logits, train_op)

        super().__init__(model_fn, **settings)


class DNNLinearCombinedClassifier(_Combined):
    """A linear model and a network, whose logits are added: wide and deep, as a classifier.

    Args:
        model_dir: as of `Estimator`.
        linear_feature_columns: list of columns of the linear model.
        linear_optimizer: `Optimizer`, its name, or a function that returns one. "Ftrl" learns with a rate of 0.005.
        dnn_feature_columns: list of columns of vectors, of the network.
        dnn_optimizer: the same for the network. "Adagrad" learns with a rate of 0.001.
        dnn_hidden_units: list of ints, the sizes of the hidden layers.
        dnn_activation_fn: name or function, behind each hidden layer.
        dnn_dropout: float, the rate behind each activation; None for none.
        n_classes: int, at least 2.
        weight_column: name of the feature of weights; None for none.
        label_vocabulary: list of the texts of the classes, where labels are text.
        config: `RunConfig`.
        warm_start_from: as of `Estimator`.
        loss_reduction: "sum", "sum_over_batch_size", "mean" or "sum_by_nonzero_weights".
        batch_norm: bool, whether batch normalization stands behind each hidden layer.
        linear_sparse_combiner: as of `feature_column.LinearModel`.

    Raises:
        ValueError: for arguments that make no sense.

    Example:
        >>> import numpy as np
        >>> from kerasish import estimator, feature_column as fc
        >>> town = fc.categorical_column_with_hash_bucket("town", 10)
        >>> wide_and_deep = estimator.DNNLinearCombinedClassifier(
        ...     linear_feature_columns=[town],
        ...     dnn_feature_columns=[fc.embedding_column(town, 4)],
        ...     dnn_hidden_units=[8],
        ... )
        >>> rows = lambda: ({"town": np.array(["Ulm", "Bonn"])}, np.array([1, 0]))
        >>> wide_and_deep.train(rows, steps=2).evaluate(rows, steps=1)["global_step"]
        2

    Reference:
        Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems".
    """

    def __init__(
        self,
        model_dir: PathLike | None = None,
        linear_feature_columns: Sequence[Any] | None = None,
        linear_optimizer: Any = "Ftrl",
        dnn_feature_columns: Sequence[Any] | None = None,
        dnn_optimizer: Any = "Adagrad",
        dnn_hidden_units: Sequence[int] | None = None,
        dnn_activation_fn: ActivationLike = "relu",
        dnn_dropout: float | None = None,
        n_classes: int = 2,
        weight_column: Any = None,
        label_vocabulary: Sequence[Any] | None = None,
        config: RunConfig | None = None,
        warm_start_from: PathLike | None = None,
        loss_reduction: str = "sum",
        batch_norm: bool = False,
        linear_sparse_combiner: str = "sum",
    ) -> None:
        head = class_head(n_classes, label_vocabulary, weight_column=weight_column, loss_reduction=loss_reduction)
        super().__init__(
            head,
            linear_feature_columns,
            linear_optimizer,
            dnn_feature_columns,
            dnn_optimizer,
            dnn_hidden_units,
            dnn_activation_fn,
            dnn_dropout,
            batch_norm,
            linear_sparse_combiner,
            model_dir=model_dir,
            config=config,
            warm_start_from=warm_start_from,
        )


class DNNLinearCombinedRegressor(_Combined):
    """A linear model and a network, whose outputs are added: wide and deep, as a regression.

    Args:
        model_dir: as of `Estimator`.
        linear_feature_columns: as of `DNNLinearCombinedClassifier`.
        linear_optimizer: as of `DNNLinearCombinedClassifier`.
        dnn_feature_columns: as of `DNNLinearCombinedClassifier`.
        dnn_optimizer: as of `DNNLinearCombinedClassifier`.
        dnn_hidden_units: as of `DNNLinearCombinedClassifier`.
        dnn_activation_fn: as of `DNNLinearCombinedClassifier`.
        dnn_dropout: as of `DNNLinearCombinedClassifier`.
        label_dimension: int, how many numbers a label has.
        weight_column: name of the feature of weights; None for none.
        config: `RunConfig`.
        warm_start_from: as of `Estimator`.
        loss_reduction: as of `DNNLinearCombinedClassifier`.
        batch_norm: as of `DNNLinearCombinedClassifier`.
        linear_sparse_combiner: as of `feature_column.LinearModel`.

    Raises:
        ValueError: for arguments that make no sense.

    Example:
        >>> import numpy as np
        >>> from kerasish import estimator, feature_column as fc
        >>> area = fc.numeric_column("area")
        >>> price = estimator.DNNLinearCombinedRegressor(
        ...     linear_feature_columns=[area], dnn_feature_columns=[area], dnn_hidden_units=[8]
        ... )
        >>> rows = lambda: ({"area": np.array([1.0, 2.0])}, np.array([2.0, 4.0]))
        >>> price.train(rows, steps=2).evaluate(rows, steps=1)["label/mean"]
        3.0
    """

    def __init__(
        self,
        model_dir: PathLike | None = None,
        linear_feature_columns: Sequence[Any] | None = None,
        linear_optimizer: Any = "Ftrl",
        dnn_feature_columns: Sequence[Any] | None = None,
        dnn_optimizer: Any = "Adagrad",
        dnn_hidden_units: Sequence[int] | None = None,
        dnn_activation_fn: ActivationLike = "relu",
        dnn_dropout: float | None = None,
        label_dimension: int = 1,
        weight_column: Any = None,
        config: RunConfig | None = None,
        warm_start_from: PathLike | None = None,
        loss_reduction: str = "sum",
        batch_norm: bool = False,
        linear_sparse_combiner: str = "sum",
    ) -> None:
        head = RegressionHead(label_dimension, weight_column=weight_column, loss_reduction=loss_reduction)
        super().__init__(
            head,
            linear_feature_columns,
            linear_optimizer,
            dnn_feature_columns,
            dnn_optimizer,
            dnn_hidden_units,
            dnn_activation_fn,
            dnn_dropout,
            batch_norm,
            linear_sparse_combiner,
            model_dir=model_dir,
            config=config,
            warm_start_from=warm_start_from,
        )
