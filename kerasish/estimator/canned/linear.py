"""Linear models of columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.estimator.canned.heads import Head, RegressionHead, class_head
from kerasish.estimator.canned.optimizing import chosen, linear_rate
from kerasish.estimator.canned.parts import checked_some, linear_logits
from kerasish.estimator.estimator import Estimator
from kerasish.estimator.run_config import RunConfig
from kerasish.estimator.spec import minimize
from kerasish.typing import PathLike


class _Linear(Estimator):
    def __init__(self, head: Head, columns: Any, optimizer: Any, sparse_combiner: str, **settings: Any) -> None:
        columns = checked_some(columns)

        def model_fn(features, labels, mode):
            logits, _ = linear_logits(features, columns, head.size, sparse_combiner)
            rate = linear_rate(columns, 0.2)
            return head.spec(mode, features, labels, logits, lambda loss: minimize(loss, chosen(optimizer, rate)))

        super().__init__(model_fn, **settings)


class LinearClassifier(_Linear):
    """A linear classifier of columns.

    Args:
        feature_columns: list of columns: categorical ones as they are, and those of vectors.
        model_dir: as of `Estimator`.
        n_classes: int, at least 2.
        weight_column: name of the feature of weights; None for none.
        label_vocabulary: list of the texts of the classes, where labels are text.
        optimizer: `Optimizer`, its name, or a function that returns one. "Ftrl" learns with a rate of 0.2, less where
            there are more than 25 columns.
        config: `RunConfig`.
        warm_start_from: as of `Estimator`.
        loss_reduction: "sum", "sum_over_batch_size", "mean" or "sum_by_nonzero_weights".
        sparse_combiner: as of `feature_column.LinearModel`.

    Raises:
        ValueError: for arguments that make no sense.

    Example:
        >>> import numpy as np
        >>> from kerasish import estimator, feature_column as fc
        >>> town = fc.categorical_column_with_vocabulary_list("town", ["Ulm", "Bonn"])
        >>> rows = lambda: ({"town": np.array(["Ulm", "Bonn", "Bonn"])}, np.array(["far", "near", "near"]))
        >>> classifier = estimator.LinearClassifier([town], label_vocabulary=["near", "far"]).train(rows, steps=20)
        >>> [str(row["classes"][0]) for row, _ in zip(classifier.predict(rows), range(3))]
        ['far', 'near', 'near']
    """

    def __init__(
        self,
        feature_columns: Sequence[Any],
        model_dir: PathLike | None = None,
        n_classes: int = 2,
        weight_column: Any = None,
        label_vocabulary: Sequence[Any] | None = None,
        optimizer: Any = "Ftrl",
        config: RunConfig | None = None,
        warm_start_from: PathLike | None = None,
        loss_reduction: str = "sum",
        sparse_combiner: str = "sum",
    ) -> None:
        head = class_head(n_classes, label_vocabulary, weight_column=weight_column, loss_reduction=loss_reduction)
        settings = {"model_dir": model_dir, "config": config, "warm_start_from": warm_start_from}
        super().__init__(head, feature_columns, optimizer, sparse_combiner, **settings)


class LinearRegressor(_Linear):
    """A linear regression on columns.

    Args:
        feature_columns: list of columns: categorical ones as they are, and those of vectors.
        model_dir: as of `Estimator`.
        label_dimension: int, how many numbers a label has.
        weight_column: name of the feature of weights; None for none.
        optimizer: as of `LinearClassifier`.
        config: `RunConfig`.
        warm_start_from: as of `Estimator`.
        loss_reduction: as of `LinearClassifier`.
        sparse_combiner: as of `feature_column.LinearModel`.

    Raises:
        ValueError: for arguments that make no sense.

    Example:
        >>> import numpy as np
        >>> from kerasish import estimator, feature_column as fc
        >>> rows = lambda: ({"x": np.array([0.0, 1.0, 2.0])}, np.array([1.0, 3.0, 5.0]))
        >>> line = estimator.LinearRegressor([fc.numeric_column("x")]).train(rows, steps=500)
        >>> line.evaluate(rows, steps=1)["average_loss"] < 1e-2
        True
    """

    def __init__(
        self,
        feature_columns: Sequence[Any],
        model_dir: PathLike | None = None,
        label_dimension: int = 1,
        weight_column: Any = None,
        optimizer: Any = "Ftrl",
        config: RunConfig | None = None,
        warm_start_from: PathLike | None = None,
        loss_reduction: str = "sum",
        sparse_combiner: str = "sum",
    ) -> None:
        head = RegressionHead(label_dimension, weight_column=weight_column, loss_reduction=loss_reduction)
        settings = {"model_dir": model_dir, "config": config, "warm_start_from": warm_start_from}
        super().__init__(head, feature_columns, optimizer, sparse_combiner, **settings)
