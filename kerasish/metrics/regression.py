"""Means of regression errors."""

from __future__ import annotations

from kerasish import ops
from kerasish.docstrings import shares_arguments
from kerasish.losses import cosine_similarity as negative_cosine
from kerasish.losses import (
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from kerasish.losses.operands import as_operands
from kerasish.metrics.means import FunctionMetric, Mean
from kerasish.metrics.metric import Metric
from kerasish.typing import AnyTensor, DTypeLike, TensorLike


def cosine_similarity(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> AnyTensor:
    """The cosine of the angle between `y_true` and `y_pred` along `axis`: 1 if parallel (the loss is its negative).

    Args:
        y_true: targets, shape (batch, ..., d).
        y_pred: predictions, same shape.
        axis: int, the axis of the vectors.

    Returns:
        Tensor without `axis`.

    Example:
        >>> from kerasish.metrics.regression import cosine_similarity
        >>> cosine_similarity([[0.0, 1.0]], [[0.0, 2.0]]).tolist()
        [1.0]
    """
    return ops.negative(negative_cosine(y_true, y_pred, axis=axis))


@shares_arguments(Metric)
class MeanSquaredError(FunctionMetric):
    """The mean of squared errors.

    Example:
        >>> import kerasish as keras
        >>> float(keras.metrics.MeanSquaredError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]]))
        0.25
    """

    def __init__(self, name: str = "mean_squared_error", dtype: DTypeLike | None = None) -> None:
        super().__init__(mean_squared_error, name=name, dtype=dtype)


@shares_arguments(Metric)
class RootMeanSquaredError(Mean):
    """The root of the mean of squared errors.

    Example:
        >>> import kerasish as keras
        >>> float(keras.metrics.RootMeanSquaredError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]]))
        0.5
    """

    _direction = "down"

    def __init__(self, name: str = "root_mean_squared_error", dtype: DTypeLike | None = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Add a batch.

        Args:
            y_true: targets, shape (batch, ...).
            y_pred: predictions, same shape.
            sample_weight: None, or weights that broadcast against `y_true`.
        """
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.dtype)
        y_true, y_pred = as_operands(y_true, y_pred, match_rank=True)
        super().update_state(ops.square(ops.subtract(y_pred, y_true)), sample_weight)

    def result(self) -> AnyTensor:
        """The root of the mean, a scalar."""
        return ops.sqrt(super().result())


@shares_arguments(Metric)
class MeanAbsoluteError(FunctionMetric):
    """The mean of absolute errors.

    Example:
        >>> import kerasish as keras
        >>> float(keras.metrics.MeanAbsoluteError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]]))
        0.25
    """

    def __init__(self, name: str = "mean_absolute_error", dtype: DTypeLike | None = None) -> None:
        super().__init__(mean_absolute_error, name=name, dtype=dtype)


@shares_arguments(Metric)
class MeanAbsolutePercentageError(FunctionMetric):
    """The mean of relative errors, in percent.

    Example:
        >>> import kerasish as keras
        >>> float(keras.metrics.MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 4.0]]))
        25.0
    """

    def __init__(self, name: str = "mean_absolute_percentage_error", dtype: DTypeLike | None = None) -> None:
        super().__init__(mean_absolute_percentage_error, name=name, dtype=dtype)


@shares_arguments(Metric)
class MeanSquaredLogarithmicError(FunctionMetric):
    """The mean of squared differences of log(1 + y).

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.metrics.MeanSquaredLogarithmicError()([[0.0, 1.0]], [[1.0, 1.0]])), 4)
        0.2402
    """

    def __init__(self, name: str = "mean_squared_logarithmic_error", dtype: DTypeLike | None = None) -> None:
        super().__init__(mean_squared_logarithmic_error, name=name, dtype=dtype)


@shares_arguments(Metric)
class CosineSimilarity(FunctionMetric):
    """The mean cosine of the angle between targets and predictions: 1 where they point the same way.

    Args:
        axis: int, the axis of the vectors.

    Example:
        >>> import kerasish as keras
        >>> float(keras.metrics.CosineSimilarity()([[0.0, 1.0], [0.0, 1.0]], [[0.0, 2.0], [1.0, 0.0]]))
        0.5
    """

    direction = "up"
    saved_if_changed = {"axis": -1}

    def __init__(self, name: str = "cosine_similarity", dtype: DTypeLike | None = None, axis: int = -1) -> None:
        super().__init__(cosine_similarity, name=name, dtype=dtype, axis=axis)


@shares_arguments(Metric)
class LogCoshError(FunctionMetric):
    """The mean of log(cosh(error)).

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.metrics.LogCoshError()([[0.0, 0.0]], [[1.0, 0.0]])), 4)
        0.2169
    """

    def __init__(self, name: str = "logcosh", dtype: DTypeLike | None = None) -> None:
        super().__init__(log_cosh, name=name, dtype=dtype)
