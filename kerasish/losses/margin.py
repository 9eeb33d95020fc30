"""Margin losses, for classifiers whose output is a score rather than a probability."""

from __future__ import annotations

from kerasish import ops
from kerasish.docstrings import shares_arguments
from kerasish.losses.loss import BuiltInLoss, Loss
from kerasish.losses.operands import as_operands
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, DTypeLike, LossReduction, TensorLike


def _as_signs(y_true):
    """Labels 0 and 1 as -1 and 1; any others as they are."""
    is_binary = ops.all(ops.logical_or(ops.equal(y_true, 0), ops.equal(y_true, 1)))
    return ops.where(is_binary, ops.subtract(ops.multiply(y_true, 2.0), 1.0), y_true)


def _shortfall(y_true, y_pred):
    """How far each score stays below the margin of 1."""
    y_true, y_pred = as_operands(y_true, y_pred)
    return ops.maximum(ops.subtract(1.0, ops.multiply(_as_signs(y_true), y_pred)), 0.0)


@suggesting
def hinge(y_true: TensorLike, y_pred: TensorLike) -> AnyTensor:
    """mean(max(1 - y_true y_pred, 0)) over the last axis.

    Args:
        y_true: tensor of shape (batch, ..., d), of -1 and 1 (or 0 and 1, which are taken as -1 and 1).
        y_pred: scores, same shape.

    Returns:
        Tensor of shape (batch, ...).

    Example:
        >>> import kerasish as keras
        >>> keras.losses.hinge([[-1.0, 1.0]], [[0.5, 2.0]]).tolist()
        [0.75]
    """
    return ops.mean(_shortfall(y_true, y_pred), axis=-1)


@suggesting
def squared_hinge(y_true: TensorLike, y_pred: TensorLike) -> AnyTensor:
    """mean(max(1 - y_true y_pred, 0)^2) over the last axis.

    Args:
        y_true: tensor of shape (batch, ..., d), of -1 and 1 (or 0 and 1, which are taken as -1 and 1).
        y_pred: scores, same shape.

    Returns:
        Tensor of shape (batch, ...).

    Example:
        >>> import kerasish as keras
        >>> keras.losses.squared_hinge([[-1.0, 1.0]], [[0.5, 2.0]]).tolist()
        [1.125]
    """
    return ops.mean(ops.square(_shortfall(y_true, y_pred)), axis=-1)


@suggesting
def categorical_hinge(y_true: TensorLike, y_pred: TensorLike) -> AnyTensor:
    """max(neg - pos + 1, 0): pos the score of the true class, neg the best of the others (0 if they are negative).

    Args:
        y_true: one-hot tensor of shape (batch, ..., classes).
        y_pred: scores, same shape.

    Returns:
        Tensor of shape (batch, ...).

    Example:
        >>> import kerasish as keras
        >>> keras.losses.categorical_hinge([[0.0, 1.0]], [[0.5, 1.0]]).tolist()
        [0.5]
    """
    y_true, y_pred = as_operands(y_true, y_pred)
    positive = ops.sum(ops.multiply(y_true, y_pred), axis=-1)
    negative = ops.max(ops.multiply(ops.subtract(1.0, y_true), y_pred), axis=-1)
    return ops.maximum(ops.add(ops.subtract(negative, positive), 1.0), 0.0)


@shares_arguments(Loss)
class Hinge(BuiltInLoss):
    """The mean of max(1 - y_true y_pred, 0).

    Example:
        >>> import kerasish as keras
        >>> float(keras.losses.Hinge()([[0.0, 1.0]], [[0.5, 2.0]]))
        0.75
    """

    def __init__(
        self, reduction: LossReduction = "sum_over_batch_size", name: str = "hinge", dtype: DTypeLike | None = None
    ) -> None:
        super().__init__(hinge, reduction=reduction, name=name, dtype=dtype)


@shares_arguments(Loss)
class SquaredHinge(BuiltInLoss):
    """The mean of max(1 - y_true y_pred, 0)^2.

    Example:
        >>> import kerasish as keras
        >>> float(keras.losses.SquaredHinge()([[0.0, 1.0]], [[0.5, 2.0]]))
        1.125
    """

    def __init__(
        self,
        reduction: LossReduction = "sum_over_batch_size",
        name: str = "squared_hinge",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(squared_hinge, reduction=reduction, name=name, dtype=dtype)


@shares_arguments(Loss)
class CategoricalHinge(BuiltInLoss):
    """The margin by which the best wrong class beats the right one, plus 1, where positive.

    Example:
        >>> import kerasish as keras
        >>> float(keras.losses.CategoricalHinge()([[0.0, 1.0]], [[0.5, 1.0]]))
        0.5
    """

    def __init__(
        self,
        reduction: LossReduction = "sum_over_batch_size",
        name: str = "categorical_hinge",
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(categorical_hinge, reduction=reduction, name=name, dtype=dtype)
