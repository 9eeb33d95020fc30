"""Baselines, which look at labels alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import ops
from kerasish.estimator.canned.heads import Head, RegressionHead, class_head
from kerasish.estimator.canned.optimizing import chosen
from kerasish.estimator.estimator import Estimator
from kerasish.estimator.run_config import RunConfig
from kerasish.estimator.spec import minimize
from kerasish.feature_column import FeatureTransform, categorical_column_with_hash_bucket
from kerasish.layers import Layer
from kerasish.typing import PathLike


class _Bias(Layer):
    """The same learnt numbers for each row."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape: Any) -> None:
        self.bias = self.add_weight((self.units,), "zeros", name="bias")
        self.built = True

    def call(self, rows: Any) -> Any:
        first = ops.cast(ops.reshape(rows, (ops.shape(rows)[0], -1))[:, :1], self.bias.dtype)
        return ops.add(ops.multiply(ops.zeros_like(first), 0.0), self.bias)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


class _Baseline(Estimator):
    def __init__(self, head: Head, optimizer: Any, **settings: Any) -> None:
        def model_fn(features, labels, mode):
            logits = _Bias(head.size, name="baseline")(_some_rows(features))
            return head.spec(mode, features, labels, logits, lambda loss: minimize(loss, chosen(optimizer, 0.3)))

        super().__init__(model_fn, **settings)


def _some_rows(features):
    """Numbers with as many rows as there are, of a feature that is none where there are others."""
    if not isinstance(features, dict):
        return features
    numbers = [tensor for tensor in features.values() if tensor.dtype != "string"]
    if numbers:
        return numbers[0]
    key = next(iter(features))
    return next(iter(FeatureTransform([categorical_column_with_hash_bucket(key, 2)])({key: features[key]}).values()))


class BaselineClassifier(_Baseline):
    """Says the classes' frequencies, whatever the features are: what another classifier has to be better than.

    Args:
        model_dir: as of `Estimator`.
        n_classes: int, at least 2.
        weight_column: name of the feature of weights; None for none.
        label_vocabulary: list of the texts of the classes, where labels are text.
        optimizer: `Optimizer`, its name, or a function that returns one.
        config: `RunConfig`.
        loss_reduction: "sum", "sum_over_batch_size", "mean" or "sum_by_nonzero_weights".

    Raises:
        ValueError: for arguments that make no sense.

    Example:
        >>> import numpy as np
        >>> from kerasish import estimator
        >>> rows = lambda: ({"x": np.zeros(4)}, np.array([1, 1, 1, 0]))
        >>> baseline = estimator.BaselineClassifier().train(rows, steps=50)
        >>> baseline.evaluate(rows, steps=1)["accuracy"]
        0.75
    """

    def __init__(
        self,
        model_dir: PathLike | None = None,
        n_classes: int = 2,
        weight_column: Any = None,
        label_vocabulary: Sequence[Any] | None = None,
        optimizer: Any = "Ftrl",
        config: RunConfig | None = None,
        loss_reduction: str = "sum",
    ) -> None:
        head = class_head(n_classes, label_vocabulary, weight_column=weight_column, loss_reduction=loss_reduction)
        super().__init__(head, optimizer, model_dir=model_dir, config=config)


class BaselineRegressor(_Baseline):
    """Says the labels' mean, whatever the features are: what another regressor has to be better than.

    Args:
        model_dir: as of `Estimator`.
        label_dimension: int, how many numbers a label has.
        weight_column: name of the feature of weights; None for none.
        optimizer: `Optimizer`, its name, or a function that returns one.
        config: `RunConfig`.
        loss_reduction: as of `BaselineClassifier`.

    Raises:
        ValueError: for arguments that make no sense.

    Example:
        >>> import numpy as np
        >>> from kerasish import estimator
        >>> rows = lambda: ({"x": np.zeros(4)}, np.array([1.0, 2.0, 3.0, 2.0]))
        >>> baseline = estimator.BaselineRegressor().train(rows, steps=200)
        >>> round(baseline.evaluate(rows, steps=1)["prediction/mean"], 2)
        2.0
    """

    def __init__(
        self,
        model_dir: PathLike | None = None,
        label_dimension: int = 1,
        weight_column: Any = None,
        optimizer: Any = "Ftrl",
        config: RunConfig | None = None,
        loss_reduction: str = "sum",
    ) -> None:
        head = RegressionHead(label_dimension, weight_column=weight_column, loss_reduction=loss_reduction)
        super().__init__(head, optimizer, model_dir=model_dir, config=config)
