"""Pearson's and Lin's correlation of targets and predictions."""

from __future__ import annotations

from kerasish import backend, ops
from kerasish.backend.float_formats import HALVES
from kerasish.docstrings import shares_arguments
from kerasish.losses.operands import as_operands
from kerasish.metrics.means import FunctionMetric
from kerasish.metrics.metric import Metric
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, DTypeLike, IntOrInts, TensorLike


def _widened(y_true, y_pred):
    """Targets and predictions in a type that holds their squares, which half precision does not."""
    y_true, y_pred = as_operands(y_true, y_pred, match_rank=True)
    if backend.standardize_dtype(y_pred.dtype) in HALVES:
        return ops.cast(y_true, "float32"), ops.cast(y_pred, "float32")
    return y_true, y_pred


def _centred(x, axis):
    mean = ops.mean(x, axis=axis, keepdims=True)
    return ops.subtract(x, mean), mean


@suggesting
def pearson_correlation(y_true: TensorLike, y_pred: TensorLike, axis: IntOrInts = -1) -> AnyTensor:
    """Pearson's correlation, covariance / (product of the standard deviations), along `axis`.

    Args:
        y_true: targets, any shape.
        y_pred: predictions, same shape.
        axis: int or tuple of ints, the axes along which values are compared.

    Returns:
        Tensor without `axis`, in [-1, 1]; nan where one of the two is constant.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.metrics.pearson_correlation([[0.0, 1.0, 0.5]], [[0.1, 0.9, 1.0]])[0]), 4)
        0.8109
    """
    y_true, y_pred = _widened(y_true, y_pred)
    (true, _), (pred, _) = _centred(y_true, axis), _centred(y_pred, axis)
    scale = ops.sqrt(ops.multiply(ops.mean(ops.square(true), axis=axis), ops.mean(ops.square(pred), axis=axis)))
    return ops.divide(ops.mean(ops.multiply(true, pred), axis=axis), scale)


@suggesting
def concordance_correlation(y_true: TensorLike, y_pred: TensorLike, axis: IntOrInts = -1) -> AnyTensor:
    """Lin's concordance: Pearson's correlation with a penalty for a different mean or scale, along `axis`.

    2 covariance / (variance + variance + (difference of the means)^2).

    Args:
        y_true: targets, any shape.
        y_pred: predictions, same shape.
        axis: int or tuple of ints, the axes along which values are compared.

    Returns:
        Tensor without `axis`, in [-1, 1].

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.metrics.concordance_correlation([[0.0, 1.0, 0.5]], [[0.1, 0.9, 1.0]])[0]), 4)
        0.7477

    Reference:
        Lin 1989, "A concordance correlation coefficient to evaluate reproducibility", Biometrics 45.
    """
    y_true, y_pred = _widened(y_true, y_pred)
    (true, true_mean), (pred, pred_mean) = _centred(y_true, axis), _centred(y_pred, axis)
    covariance = ops.mean(ops.multiply(true, pred), axis=axis, keepdims=True)
    variances = ops.add(
        ops.mean(ops.square(true), axis=axis, keepdims=True), ops.mean(ops.square(pred), axis=axis, keepdims=True)
    )
    apart = ops.add(variances, ops.square(ops.subtract(true_mean, pred_mean)))
    return ops.squeeze(ops.divide(ops.multiply(covariance, 2.0), ops.add(apart, backend.epsilon())), axis=axis)


@shares_arguments(Metric)
class PearsonCorrelation(FunctionMetric):
    """The mean over the batch of Pearson's correlation along `axis`.

    Args:
        axis: int or tuple of ints.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.metrics.PearsonCorrelation()([[0.0, 1.0, 0.5]], [[0.1, 0.9, 1.0]])), 4)
        0.8109
    """

    direction = "up"

    def __init__(self, name: str = "pearson_correlation", dtype: DTypeLike | None = None, axis: IntOrInts = -1) -> None:
        super().__init__(pearson_correlation, name=name, dtype=dtype, axis=axis)


@shares_arguments(Metric)
class ConcordanceCorrelation(FunctionMetric):
    """The mean over the batch of Lin's concordance along `axis`.

    Args:
        axis: int or tuple of ints.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.metrics.ConcordanceCorrelation()([[0.0, 1.0, 0.5]], [[0.1, 0.9, 1.0]])), 4)
        0.7477

    Reference:
        Lin 1989, "A concordance correlation coefficient to evaluate reproducibility", Biometrics 45.
    """

    direction = "up"

    def __init__(
        self, name: str = "concordance_correlation", dtype: DTypeLike | None = None, axis: IntOrInts = -1
    ) -> None:
        super().__init__(concordance_correlation, name=name, dtype=dtype, axis=axis)
