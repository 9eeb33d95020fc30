"""Losses on real-valued targets: squared, absolute, relative and logarithmic errors, Huber, log-cosh, cosine."""

from __future__ import annotations

import math

from kerasish import backend, ops
from kerasish.docstrings import shares_arguments
from kerasish.losses.loss import BuiltInLoss, Loss
from kerasish.losses.operands import as_operands
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, DTypeLike, LossReduction, TensorLike


@suggesting
def mean_squared_error(y_true: TensorLike, y_pred: TensorLike) -> AnyTensor:
    """mean((y_true - y_pred)^2) over the last axis.

    Args:
        y_true: targets, shape (batch, ..., d).
        y_pred: predictions, same shape (or one that broadcasts against it).

    Returns:
        Tensor of shape (batch, ...).

    Example:
        >>> import kerasish as keras
        >>> keras.losses.mean_squared_error([[0.0, 1.0]], [[2.0, 1.0]]).tolist()
        [2.0]
    """
    y_true, y_pred = as_operands(y_true, y_pred, match_rank=True)
    return ops.mean(ops.square(ops.subtract(y_true, y_pred)), axis=-1)


@suggesting
def mean_absolute_error(y_true: TensorLike, y_pred: TensorLike) -> AnyTensor:
    """mean(|y_true - y_pred|) over the last axis.

    Args:
        y_true: targets, shape (batch, ..., d).
        y_pred: predictions, same shape (or one that broadcasts against it).

    Returns:
        Tensor of shape (batch, ...).

    Example:
        >>> import kerasish as keras
        >>> keras.losses.mean_absolute_error([[0.0, 1.0]], [[2.0, 1.0]]).tolist()
        [1.0]
    """
    y_true, y_pred = as_operands(y_true, y_pred, match_rank=True)
    return ops.mean(ops.abs(ops.subtract(y_true, y_pred)), axis=-1)


@suggesting
def mean_absolute_percentage_error(y_true: TensorLike, y_pred: TensorLike) -> AnyTensor:
    """100 mean(|y_true - y_pred| / |y_true|) over the last axis; the divisor is at least epsilon().

    Args:
        y_true: targets, shape (batch, ..., d).
        y_pred: predictions, same shape (or one that broadcasts against it).

    Returns:
        Tensor of shape (batch, ...), in percent.

    Example:
        >>> import kerasish as keras
        >>> keras.losses.mean_absolute_percentage_error([[2.0, 4.0]], [[1.0, 4.0]]).tolist()
        [25.0]
    """
    y_true, y_pred = as_operands(y_true, y_pred, match_rank=True)
    scale = ops.maximum(ops.abs(y_true), backend.epsilon())
    relative = ops.abs(ops.divide(ops.subtract(y_true, y_pred), scale))
    return ops.multiply(ops.mean(relative, axis=-1), 100.0)


@suggesting
def mean_squared_logarithmic_error(y_true: TensorLike, y_pred: TensorLike) -> AnyTensor:
    """mean((log(1 + y_true) - log(1 + y_pred))^2) over the last axis; values below epsilon() count as epsilon().

    Args:
        y_true: targets, shape (batch, ..., d), not negative.
        y_pred: predictions, same shape, not negative.

    Returns:
        Tensor of shape (batch, ...).

    Example:
        >>> import kerasish as keras
        >>> keras.losses.mean_squared_logarithmic_error([[1.0, 3.0]], [[1.0, 3.0]]).tolist()
        [0.0]
    """
    y_true, y_pred = as_operands(y_true, y_pred, match_rank=True)
    log_pred = ops.log(ops.add(ops.maximum(y_pred, backend.epsilon()), 1.0))
    log_true = ops.log(ops.add(ops.maximum(y_true, backend.epsilon()), 1.0))
    return ops.mean(ops.square(ops.subtract(log_pred, log_true)), axis=-1)


@suggesting
def cosine_similarity(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> AnyTensor:
    """Minus the cosine of the angle between `y_true` and `y_pred` along `axis`: -1 if parallel, 0 if orthogonal.

    Args:
        y_true: targets, shape (batch, ..., d).
        y_pred: predictions, same shape (or one that broadcasts against it).
        axis: int, the axis of the vectors.

    Returns:
        Tensor without `axis`; 0 where a vector is 0.

    Example:
        >>> import kerasish as keras
        >>> keras.losses.cosine_similarity([[0.0, 1.0], [1.0, 0.0]], [[0.0, 2.0], [0.0, 1.0]]).tolist()
        [-1.0, -0.0]
    """
    y_true, y_pred = as_operands(y_true, y_pred, match_rank=True)
    product = ops.multiply(ops.normalize(y_true, axis=axis), ops.normalize(y_pred, axis=axis))
    return ops.negative(ops.sum(product, axis=axis))


@suggesting
def huber(y_true: TensorLike, y_pred: TensorLike, delta: float = 1.0) -> AnyTensor:
    """Squared near 0 and linear beyond: mean of e^2 / 2 where |e| <= delta, else delta |e| - delta^2 / 2 (Huber, 1964).

    Args:
        y_true: targets, shape (batch, ..., d).
        y_pred: predictions, same shape (or one that broadcasts against it).
        delta: float, the error at which the loss turns linear.

    Returns:
        Tensor of shape (batch, ...).

    Example:
        >>> import kerasish as keras
        >>> keras.losses.huber([[0.0, 0.0]], [[1.0, 3.0]]).tolist()
        [1.5]

    Reference:
        Huber 1964, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35.
    """
    y_true, y_pred = as_operands(y_true, y_pred, match_rank=True)
    error = ops.subtract(y_pred, y_true)
    distance = ops.abs(error)
    quadratic = ops.multiply(ops.square(error), 0.5)
    linear = ops.subtract(ops.multiply(distance, delta), 0.5 * delta * delta)
    return ops.mean(ops.where(ops.less_equal(distance, delta), quadratic, linear), axis=-1)


@suggesting
def log_cosh(y_true: TensorLike, y_pred: TensorLike) -> AnyTensor:
    """mean(log(cosh(y_pred - y_true))) over the last axis: about e^2 / 2 near 0 and |e| - log(2) far from it.

    Args:
        y_true: targets, shape (batch, ..., d).
        y_pred: predictions, same shape (or one that broadcasts against it).

    Returns:
        Tensor of shape (batch, ...).

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.log_cosh([[0.0, 0.0]], [[1.0, 0.0]])[0]), 4)
        0.2169
    """
    y_true, y_pred = as_operands(y_true, y_pred, match_rank=True)
    error = ops.subtract(y_pred, y_true)
    # cosh overflows; error + softplus(-2 error) - log(2) is the same number and does not.
    softened = ops.add(error, ops.softplus(ops.multiply(error, -2.0)))
    return ops.mean(ops.subtract(softened, math.log(2.0)), axis=-1)


@shares_arguments(Loss)
class MeanSquaredError(BuiltInLoss):
    """The mean of squared errors.

    Example:
        >>> import kerasish as keras
        >>> float(keras.losses.MeanSquaredError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [1.0, 0.0]]))
        0.5
    """

    def __init__(
        self,
        reduction: LossReduction = "sum_over_batch_size",
        name: str = "mean_squared_error",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(mean_squared_error, reduction=reduction, name=name, dtype=dtype)


@shares_arguments(Loss)
class MeanAbsoluteError(BuiltInLoss):
    """The mean of absolute errors.

    Example:
        >>> import kerasish as keras
        >>> float(keras.losses.MeanAbsoluteError()([[0.0, 1.0], [0.0, 0.0]], [[3.0, 1.0], [1.0, 0.0]]))
        1.0
    """

    def __init__(
        self,
        reduction: LossReduction = "sum_over_batch_size",
        name: str = "mean_absolute_error",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(mean_absolute_error, reduction=reduction, name=name, dtype=dtype)


@shares_arguments(Loss)
class MeanAbsolutePercentageError(BuiltInLoss):
    """The mean of relative errors, in percent.

    Example:
        >>> import kerasish as keras
        >>> float(keras.losses.MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 4.0]]))
        25.0
    """

    def __init__(
        self,
        reduction: LossReduction = "sum_over_batch_size",
        name: str = "mean_absolute_percentage_error",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(mean_absolute_percentage_error, reduction=reduction, name=name, dtype=dtype)


@shares_arguments(Loss)
class MeanSquaredLogarithmicError(BuiltInLoss):
    """The mean of squared differences of log(1 + y).

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.MeanSquaredLogarithmicError()([[0.0, 1.0]], [[1.0, 1.0]])), 4)
        0.2402
    """

    def __init__(
        self,
        reduction: LossReduction = "sum_over_batch_size",
        name: str = "mean_squared_logarithmic_error",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, reduction=reduction, name=name, dtype=dtype)


@shares_arguments(Loss)
class CosineSimilarity(BuiltInLoss):
    """Minus the cosine between targets and predictions: -1 where they point the same way, 1 where opposite ways.

    Args:
        axis: int, the axis of the vectors.

    Example:
        >>> import kerasish as keras
        >>> float(keras.losses.CosineSimilarity()([[0.0, 1.0], [0.0, 1.0]], [[0.0, 2.0], [1.0, 0.0]]))
        -0.5
    """

    saved_if_changed = {"axis": -1}

    def __init__(
        self,
        axis: int = -1,
        reduction: LossReduction = "sum_over_batch_size",
        name: str = "cosine_similarity",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(cosine_similarity, reduction=reduction, name=name, dtype=dtype, axis=axis)


@shares_arguments(Loss)
class Huber(BuiltInLoss):
    """Squared for errors up to `delta`, linear beyond, so that outliers pull less.

    Args:
        delta: float, the error at which the loss turns linear.

    Example:
        >>> import kerasish as keras
        >>> float(keras.losses.Huber(delta=2.0)([[0.0, 0.0]], [[4.0, 0.0]]))
        3.0

    Reference:
        Huber 1964, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35.
    """

    saved_if_changed = {"delta": 1.0}

    def __init__(
        self,
        delta: float = 1.0,
        reduction: LossReduction = "sum_over_batch_size",
        name: str = "huber_loss",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(huber, reduction=reduction, name=name, dtype=dtype, delta=delta)


@shares_arguments(Loss)
class LogCosh(BuiltInLoss):
    """The mean of log(cosh(error)): nearly squared for small errors, nearly linear for large ones.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.LogCosh()([[0.0, 0.0]], [[1.0, 0.0]])), 4)
        0.2169
    """

    def __init__(
        self, reduction: LossReduction = "sum_over_batch_size", name: str = "log_cosh", dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(log_cosh, reduction=reduction, name=name, dtype=dtype)
