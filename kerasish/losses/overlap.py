"""Losses on the overlap of two masks, for segmentation."""

from __future__ import annotations

from kerasish import backend, ops
from kerasish.docstrings import shares_arguments
from kerasish.losses.loss import BuiltInLoss, Loss
from kerasish.losses.operands import as_operands
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, Axis, DTypeLike, LossReduction, TensorLike


@suggesting
def dice(y_true: TensorLike, y_pred: TensorLike, axis: Axis = None) -> AnyTensor:
    """1 - 2 |true and predicted| / (|true| + |predicted|), the sums over `axis`.

    Args:
        y_true: mask of 0 and 1, or probabilities, shape (batch, ...).
        y_pred: predicted mask or probabilities, same shape.
        axis: int or tuple of the axes that make up one mask; None takes all, the batch too.

    Returns:
        Tensor without `axis`; 0 is a perfect overlap, 1 none.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.dice([[1.0, 1.0, 0.0, 0.0]], [[1.0, 0.0, 0.0, 0.0]])), 4)
        0.3333

    Reference:
        Milletari et al. 2016, "V-Net: fully convolutional neural networks for volumetric medical image segmentation",
        arXiv:1606.04797.
    """
    y_true, y_pred = as_operands(y_true, y_pred)
    axis = tuple(axis) if isinstance(axis, list) else axis
    overlap = ops.sum(ops.multiply(y_true, y_pred), axis=axis)
    sizes = ops.add(ops.sum(y_true, axis=axis), ops.sum(y_pred, axis=axis))
    return ops.subtract(1.0, ops.divide(ops.multiply(overlap, 2.0), ops.add(sizes, backend.epsilon())))


@suggesting
def tversky(
    y_true: TensorLike, y_pred: TensorLike, alpha: float = 0.5, beta: float = 0.5, axis: Axis = None
) -> AnyTensor:
    """1 - |both| / (|both| + alpha |only true| + beta |only predicted|).

    With alpha = beta = 0.5 it is `dice`.

    Args:
        y_true: mask of 0 and 1, or probabilities, shape (batch, ...).
        y_pred: predicted mask or probabilities, same shape.
        alpha: float, weight of what is true and was not predicted.
        beta: float, weight of what was predicted and is not true.
        axis: int or tuple of the axes that make up one mask; None takes all, the batch too.

    Returns:
        Tensor without `axis`.

    Example:
        >>> import kerasish as keras
        >>> float(keras.losses.tversky([[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]], alpha=1.0, beta=0.0))
        0.5

    Reference:
        Salehi et al. 2017, "Tversky loss function for image segmentation using 3D fully convolutional deep networks",
        arXiv:1706.05721.
    """
    y_true, y_pred = as_operands(y_true, y_pred)
    axis = tuple(axis) if isinstance(axis, list) else axis
    both = ops.sum(ops.multiply(y_true, y_pred), axis=axis)
    only_true = ops.sum(ops.multiply(ops.subtract(1.0, y_pred), y_true), axis=axis)
    only_predicted = ops.sum(ops.multiply(y_pred, ops.subtract(1.0, y_true)), axis=axis)
    errors = ops.add(ops.multiply(only_true, alpha), ops.multiply(only_predicted, beta))
    return ops.subtract(1.0, ops.divide(both, ops.add(ops.add(both, errors), backend.epsilon())))


@shares_arguments(Loss)
class Dice(BuiltInLoss):
    """One minus the Dice coefficient of two masks.

    Args:
        axis: int or tuple of the axes that make up one mask; None takes all, the batch too.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.Dice()([[1.0, 1.0, 0.0, 0.0]], [[1.0, 0.0, 0.0, 0.0]])), 4)
        0.3333

    Reference:
        Milletari et al. 2016, "V-Net: fully convolutional neural networks for volumetric medical image segmentation",
        arXiv:1606.04797.
    """

    def __init__(
        self,
        reduction: LossReduction = "sum_over_batch_size",
        name: str = "dice",
        axis: Axis = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(dice, reduction=reduction, name=name, dtype=dtype, axis=axis)


@shares_arguments(Loss)
class Tversky(BuiltInLoss):
    """One minus the Tversky index, which weighs missed and invented pixels apart.

    Args:
        alpha: float, weight of missed pixels.
        beta: float, weight of invented ones.
        axis: int or tuple of the axes that make up one mask; None takes all, the batch too.

    Example:
        >>> import kerasish as keras
        >>> float(keras.losses.Tversky(alpha=1.0, beta=0.0)([[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]]))
        0.5

    Reference:
        Salehi et al. 2017, "Tversky loss function for image segmentation using 3D fully convolutional deep networks",
        arXiv:1706.05721.
    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: LossReduction = "sum_over_batch_size",
        name: str = "tversky",
        axis: Axis = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(tversky, reduction=reduction, name=name, dtype=dtype, alpha=alpha, beta=beta, axis=axis)
