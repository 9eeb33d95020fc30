"""Losses between distributions and rates: Kullback-Leibler, Poisson, generalised cross-entropy."""

from __future__ import annotations

from kerasish import backend, ops
from kerasish.docstrings import shares_arguments
from kerasish.losses.loss import BuiltInLoss, Loss
from kerasish.losses.operands import as_operands
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, DTypeLike, LossReduction, TensorLike


@suggesting
def kl_divergence(y_true: TensorLike, y_pred: TensorLike) -> AnyTensor:
    """sum(y_true log(y_true / y_pred)) over the last axis, both clipped to [epsilon(), 1].

    Args:
        y_true: probabilities, shape (batch, ..., classes).
        y_pred: predicted probabilities, same shape.

    Returns:
        Tensor of shape (batch, ...).

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.kl_divergence([[0.5, 0.5]], [[0.25, 0.75]])[0]), 4)
        0.1438
    """
    y_true, y_pred = as_operands(y_true, y_pred)
    y_true = ops.clip(y_true, backend.epsilon(), 1.0)
    y_pred = ops.clip(y_pred, backend.epsilon(), 1.0)
    return ops.sum(ops.multiply(y_true, ops.log(ops.divide(y_true, y_pred))), axis=-1)


@suggesting
def poisson(y_true: TensorLike, y_pred: TensorLike) -> AnyTensor:
    """mean(y_pred - y_true log(y_pred)) over the last axis: the negative log-likelihood of counts, less a constant.

    Args:
        y_true: counts, shape (batch, ..., d).
        y_pred: rates, same shape, positive.

    Returns:
        Tensor of shape (batch, ...).

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.poisson([[1.0, 0.0]], [[1.0, 0.5]])[0]), 4)
        0.75
    """
    y_true, y_pred = as_operands(y_true, y_pred)
    log_rate = ops.log(ops.add(y_pred, backend.epsilon()))
    return ops.mean(ops.subtract(y_pred, ops.multiply(y_true, log_rate)), axis=-1)


@suggesting
def categorical_generalized_cross_entropy(y_true: TensorLike, y_pred: TensorLike, q: float) -> AnyTensor:
    """(1 - p^q) / q for the probability p of the true class.

    It lies between the cross-entropy (q towards 0) and the absolute error (q = 1), and bears noisy labels better.

    Args:
        y_true: int class indices, shape (batch, ...).
        y_pred: probabilities, shape (batch, ..., classes).
        q: float in (0, 1).

    Returns:
        Tensor of shape (batch, ...).

    Example:
        >>> import kerasish as keras
        >>> keras.losses.categorical_generalized_cross_entropy([1], [[0.75, 0.25]], q=0.5).tolist()
        [1.0]

    Reference:
        Zhang & Sabuncu 2018, "Generalized cross entropy loss for training deep neural networks with noisy labels",
        arXiv:1805.07836.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    dtype = backend.standardize_dtype(y_pred.dtype)
    if not y_pred.shape:
        raise ValueError("`y_pred` must have an axis of classes, its last; got a scalar.")
    chosen = ops.one_hot(ops.cast(y_true, "int32"), y_pred.shape[-1], dtype=dtype)
    probability = ops.sum(ops.multiply(y_pred, chosen), axis=-1)
    return ops.divide(ops.subtract(1.0, ops.power(probability, q)), q)


@shares_arguments(Loss)
class KLDivergence(BuiltInLoss):
    """The Kullback-Leibler divergence of the predicted from the true distribution.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]])), 4)
        0.1438
    """

    def __init__(
        self,
        reduction: LossReduction = "sum_over_batch_size",
        name: str = "kl_divergence",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(kl_divergence, reduction=reduction, name=name, dtype=dtype)


@shares_arguments(Loss)
class Poisson(BuiltInLoss):
    """y_pred - y_true log(y_pred), for counts.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.Poisson()([[1.0, 0.0]], [[1.0, 0.5]])), 4)
        0.75
    """

    def __init__(
        self, reduction: LossReduction = "sum_over_batch_size", name: str = "poisson", dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(poisson, reduction=reduction, name=name, dtype=dtype)


@shares_arguments(Loss)
class CategoricalGeneralizedCrossEntropy(BuiltInLoss):
    """(1 - p^q) / q, between cross-entropy and absolute error, for noisy labels.

    Args:
        q: float in (0, 1); the larger, the less wrong labels count.

    Raises:
        ValueError: for `q` outside (0, 1).

    Example:
        >>> import kerasish as keras
        >>> float(keras.losses.CategoricalGeneralizedCrossEntropy(q=0.5)([1], [[0.75, 0.25]]))
        1.0

    Reference:
        Zhang & Sabuncu 2018, "Generalized cross entropy loss for training deep neural networks with noisy labels",
        arXiv:1805.07836.
    """

    def __init__(
        self,
        q: float = 0.5,
        reduction: LossReduction = "sum_over_batch_size",
        name: str = "categorical_generalized_cross_entropy",
        dtype: DTypeLike | None = None,
    ) -> None:
        if not 0 < q < 1:
            raise ValueError(f"`q` must lie between 0 and 1, both excluded, got {q!r}.")
        super().__init__(categorical_generalized_cross_entropy, reduction=reduction, name=name, dtype=dtype, q=q)
