"""Means of the hinge losses."""

from __future__ import annotations

from kerasish.docstrings import shares_arguments
from kerasish.losses import categorical_hinge, hinge, squared_hinge
from kerasish.metrics.means import FunctionMetric
from kerasish.metrics.metric import Metric
from kerasish.typing import DTypeLike


@shares_arguments(Metric)
class Hinge(FunctionMetric):
    """The mean of max(1 - y_true y_pred, 0).

    Example:
        >>> import kerasish as keras
        >>> float(keras.metrics.Hinge()([[-1.0, 1.0]], [[-2.0, 0.5]]))
        0.25
    """

    def __init__(self, name: str = "hinge", dtype: DTypeLike | None = None) -> None:
        super().__init__(hinge, name=name, dtype=dtype)


@shares_arguments(Metric)
class SquaredHinge(FunctionMetric):
    """The mean of max(1 - y_true y_pred, 0)^2.

    Example:
        >>> import kerasish as keras
        >>> float(keras.metrics.SquaredHinge()([[-1.0, 1.0]], [[-2.0, 0.5]]))
        0.125
    """

    def __init__(self, name: str = "squared_hinge", dtype: DTypeLike | None = None) -> None:
        super().__init__(squared_hinge, name=name, dtype=dtype)


@shares_arguments(Metric)
class CategoricalHinge(FunctionMetric):
    """The mean of max(largest wrong prediction - right one + 1, 0); targets are one-hot.

    Example:
        >>> import kerasish as keras
        >>> float(keras.metrics.CategoricalHinge()([[0.0, 1.0]], [[0.5, 0.75]]))
        0.75
    """

    def __init__(self, name: str = "categorical_hinge", dtype: DTypeLike | None = None) -> None:
        super().__init__(categorical_hinge, name=name, dtype=dtype)
