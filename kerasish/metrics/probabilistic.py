"""Means of cross-entropies and divergences."""

from __future__ import annotations

from kerasish.docstrings import shares_arguments
from kerasish.losses import (
    binary_crossentropy,
    categorical_crossentropy,
    kl_divergence,
    poisson,
    sparse_categorical_crossentropy,
)
from kerasish.metrics.means import FunctionMetric
from kerasish.metrics.metric import Metric
from kerasish.typing import DTypeLike


@shares_arguments(Metric)
class KLDivergence(FunctionMetric):
    """The mean Kullback-Leibler divergence, sum(y_true log(y_true / y_pred)).

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.metrics.KLDivergence()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.6931
    """

    def __init__(self, name: str = "kl_divergence", dtype: DTypeLike | None = None) -> None:
        super().__init__(kl_divergence, name=name, dtype=dtype)


@shares_arguments(Metric)
class Poisson(FunctionMetric):
    """The mean of y_pred - y_true log(y_pred).

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.metrics.Poisson()([[0.0, 1.0]], [[1.0, 1.0]])), 4)
        1.0
    """

    def __init__(self, name: str = "poisson", dtype: DTypeLike | None = None) -> None:
        super().__init__(poisson, name=name, dtype=dtype)


@shares_arguments(Metric)
class BinaryCrossentropy(FunctionMetric):
    """The mean cross-entropy of yes/no targets.

    Args:
        from_logits: whether predictions have not been through a sigmoid.
        label_smoothing: float in [0, 1], how far targets move towards 0.5.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.metrics.BinaryCrossentropy(from_logits=True)([[0.0, 1.0]], [[0.0, 0.0]])), 4)
        0.6931
    """

    def __init__(
        self,
        name: str = "binary_crossentropy",
        dtype: DTypeLike | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        options = dict(from_logits=from_logits, label_smoothing=label_smoothing)
        super().__init__(binary_crossentropy, name=name, dtype=dtype, **options)


@shares_arguments(Metric)
class CategoricalCrossentropy(FunctionMetric):
    """The mean cross-entropy of one-hot targets.

    Args:
        from_logits: whether predictions have not been through a softmax.
        label_smoothing: float in [0, 1], how far targets move towards the uniform distribution.
        axis: int, the axis of the classes.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.metrics.CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.6931
    """

    def __init__(
        self,
        name: str = "categorical_crossentropy",
        dtype: DTypeLike | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        options = dict(from_logits=from_logits, label_smoothing=label_smoothing, axis=axis)
        super().__init__(categorical_crossentropy, name=name, dtype=dtype, **options)


@shares_arguments(Metric)
class SparseCategoricalCrossentropy(FunctionMetric):
    """The mean cross-entropy of class indices.

    Args:
        from_logits: whether predictions have not been through a softmax.
        ignore_class: optional int; samples of that class have cross-entropy 0.
        axis: int, the axis of the classes.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.metrics.SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 4)
        0.6931
    """

    def __init__(
        self,
        name: str = "sparse_categorical_crossentropy",
        dtype: DTypeLike | None = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        options = dict(from_logits=from_logits, ignore_class=ignore_class, axis=axis)
        super().__init__(sparse_categorical_crossentropy, name=name, dtype=dtype, **options)
