"""Networks on columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.estimator.canned.heads import Head, RegressionHead, class_head
from kerasish.estimator.canned.optimizing import chosen
from kerasish.estimator.canned.parts import checked_hidden, deep_logits
from kerasish.estimator.estimator import Estimator
from kerasish.estimator.run_config import RunConfig
from kerasish.estimator.spec import minimize
from kerasish.typing import ActivationLike, PathLike


class _DNN(Estimator):
    def __init__(
        self,
        head: Head,
        hidden_units: Any,
        columns: Any,
        optimizer: Any,
        activation: Any,
        dropout: float | None,
        batch_norm: bool,
        **settings: Any,
    ) -> None:
        sizes, columns = checked_hidden(hidden_units, columns)

        def model_fn(features, labels, mode):
            logits, _ = deep_logits(features, columns, sizes, head.size, activation, dropout, batch_norm)
            return head.spec(mode, features, labels, logits, lambda loss: minimize(loss, chosen(optimizer, 0.05)))

        super().__init__(model_fn, **settings)


class DNNClassifier(_DNN):
    """A network of dense layers on columns, as a classifier.

    Args:
        hidden_units: list of ints, the sizes of the hidden layers.
        feature_columns: list of columns of vectors.
        model_dir: as of `Estimator`.
        n_classes: int, at least 2.
        weight_column: name of the feature of weights; None for none.
        label_vocabulary: list of the texts of the classes, where labels are text.
        optimizer: `Optimizer`, its name, or a function that returns one. "Adagrad" learns with a rate of 0.05.
        activation_fn: name or function, behind each hidden layer.
        dropout: float, the rate behind each activation; None for none.
        config: `RunConfig`.
        warm_start_from: as of `Estimator`.
        loss_reduction: "sum", "sum_over_batch_size", "mean" or "sum_by_nonzero_weights".
        batch_norm: bool, whether batch normalization stands behind each hidden layer.

    Raises:
        ValueError: for arguments that make no sense.

    Example:
        >>> import numpy as np
        >>> from kerasish import estimator, feature_column as fc
        >>> classifier = estimator.DNNClassifier([10, 10], [fc.numeric_column("x", 2)], n_classes=3)
        >>> rows = lambda: ({"x": np.ones((5, 2))}, np.array([0, 1, 2, 1, 1]))
        >>> sorted(classifier.train(rows, steps=1).evaluate(rows, steps=1))
        ['accuracy', 'average_loss', 'global_step', 'loss']
    """

    def __init__(
        self,
        hidden_units: Sequence[int],
        feature_columns: Sequence[Any],
        model_dir: PathLike | None = None,
        n_classes: int = 2,
        weight_column: Any = None,
        label_vocabulary: Sequence[Any] | None = None,
        optimizer: Any = "Adagrad",
        activation_fn: ActivationLike = "relu",
        dropout: float | None = None,
        config: RunConfig | None = None,
        warm_start_from: PathLike | None = None,
        loss_reduction: str = "sum",
        batch_norm: bool = False,
    ) -> None:
        head = class_head(n_classes, label_vocabulary, weight_column=weight_column, loss_reduction=loss_reduction)
        settings = {"model_dir": model_dir, "config": config, "warm_start_from": warm_start_from}
        super().__init__(head, hidden_units, feature_columns, optimizer, activation_fn, dropout, batch_norm, **settings)


class DNNRegressor(_DNN):
    """A network of dense layers on columns, as a regression.

    Args:
        hidden_units: list of ints, the sizes of the hidden layers.
        feature_columns: list of columns of vectors.
        model_dir: as of `Estimator`.
        label_dimension: int, how many numbers a label has.
        weight_column: name of the feature of weights; None for none.
        optimizer: as of `DNNClassifier`.
        activation_fn: name or function, behind each hidden layer.
        dropout: float, the rate behind each activation; None for none.
        config: `RunConfig`.
        warm_start_from: as of `Estimator`.
        loss_reduction: as of `DNNClassifier`.
        batch_norm: bool, whether batch normalization stands behind each hidden layer.

    Raises:
        ValueError: for arguments that make no sense.

    Example:
        >>> import numpy as np
        >>> from kerasish import estimator, feature_column as fc
        >>> regressor = estimator.DNNRegressor([10], [fc.numeric_column("x")])
        >>> rows = lambda: ({"x": np.ones(5)}, np.arange(5.0))
        >>> next(regressor.train(rows, steps=1).predict(rows))["predictions"].shape
        (1,)
    """

    def __init__(
        self,
        hidden_units: Sequence[int],
        feature_columns: Sequence[Any],
        model_dir: PathLike | None = None,
        label_dimension: int = 1,
        weight_column: Any = None,
        optimizer: Any = "Adagrad",
        activation_fn: ActivationLike = "relu",
        dropout: float | None = None,
        config: RunConfig | None = None,
        warm_start_from: PathLike | None = None,
        loss_reduction: str = "sum",
        batch_norm: bool = False,
    ) -> None:
        head = RegressionHead(label_dimension, weight_column=weight_column, loss_reduction=loss_reduction)
        settings = {"model_dir": model_dir, "config": config, "warm_start_from": warm_start_from}
        super().__init__(head, hidden_units, feature_columns, optimizer, activation_fn, dropout, batch_norm, **settings)
