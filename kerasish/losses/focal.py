"""Focal cross-entropies, in which samples that are already right count less."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import backend, ops
from kerasish.docstrings import shares_arguments
from kerasish.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    check_class_axis,
    smooth_binary,
    smooth_categorical,
)
from kerasish.losses.loss import BuiltInLoss, Loss
from kerasish.losses.operands import as_operands
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, DTypeLike, LossReduction, TensorLike


@suggesting
@shares_arguments(binary_crossentropy)
def binary_focal_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> AnyTensor:
    """(1 - p_t)^gamma times the binary cross-entropy, p_t the probability given to the truth; the mean over `axis`.

    Args:
        y_true: targets in [0, 1], shape (batch, ..., d).
        y_pred: probabilities, or logits where `from_logits`, same shape.
        apply_class_balancing: whether to weigh class 1 with `alpha` and class 0 with 1 - `alpha`.
        alpha: float in [0, 1], the weight of class 1; taken only with `apply_class_balancing`.
        gamma: float, how strongly easy samples fade (0: the plain cross-entropy).

    Returns:
        Tensor without `axis`.

    Raises:
        ValueError: for shapes that differ.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.binary_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])[0]), 4)
        0.1733

    Reference:
        Lin et al. 2017, "Focal loss for dense object detection", arXiv:1708.02002.
    """
    y_true, y_pred = as_operands(y_true, y_pred, same_shape=True)
    y_true = smooth_binary(y_true, label_smoothing)
    if from_logits:
        y_pred = ops.sigmoid(y_pred)
    y_false = ops.subtract(1.0, y_true)
    certainty = ops.add(ops.multiply(y_true, y_pred), ops.multiply(y_false, ops.subtract(1.0, y_pred)))
    focus = ops.power(ops.subtract(1.0, certainty), gamma)
    values = ops.multiply(focus, ops.binary_crossentropy(y_true, y_pred, from_logits=False))
    if apply_class_balancing:
        balance = ops.add(ops.multiply(y_true, alpha), ops.multiply(y_false, 1.0 - alpha))
        values = ops.multiply(balance, values)
    return ops.mean(values, axis=axis)


@suggesting
@shares_arguments(categorical_crossentropy)
def categorical_focal_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    alpha: float | Sequence[float] = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> AnyTensor:
    """sum(-alpha (1 - p)^gamma y log(p)) over the classes.

    Args:
        y_true: one-hot targets, shape (batch, ..., classes).
        y_pred: probabilities (rescaled to sum 1), or logits where `from_logits`, same shape.
        alpha: float, or a list of floats, one a class: the weight of the loss.
        gamma: float, how strongly easy samples fade (0: the plain cross-entropy).

    Returns:
        Tensor without `axis`.

    Raises:
        ValueError: for shapes that differ.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])[0]), 4)
        0.0433

    Reference:
        Lin et al. 2017, "Focal loss for dense object detection", arXiv:1708.02002.
    """
    y_true, y_pred = as_operands(y_true, y_pred, same_shape=True)
    check_class_axis(y_pred, axis, "categorical_focal_crossentropy")
    y_true = smooth_categorical(y_true, label_smoothing)
    if from_logits:
        y_pred = ops.softmax(y_pred, axis=axis)
    probability = ops.divide(y_pred, ops.sum(y_pred, axis=axis, keepdims=True))
    probability = ops.clip(probability, backend.epsilon(), 1.0 - backend.epsilon())
    crossentropy = ops.negative(ops.multiply(y_true, ops.log(probability)))
    focus = ops.multiply(ops.power(ops.subtract(1.0, probability), gamma), alpha)
    return ops.sum(ops.multiply(focus, crossentropy), axis=axis)


@shares_arguments(Loss)
class BinaryFocalCrossentropy(BuiltInLoss):
    """Binary cross-entropy in which samples that are already right count less.

    Args:
        apply_class_balancing: whether to weigh class 1 with `alpha` and class 0 with 1 - `alpha`.
        alpha: float in [0, 1], the weight of class 1; taken only with `apply_class_balancing`.
        gamma: float, how strongly easy samples fade (0: the plain cross-entropy).
        from_logits: whether predictions have not been through a sigmoid.
        label_smoothing: float in [0, 1], how far targets move towards 0.5.
        axis: int, the axis to average over.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.BinaryFocalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.1733

    Reference:
        Lin et al. 2017, "Focal loss for dense object detection", arXiv:1708.02002.
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: LossReduction = "sum_over_batch_size",
        name: str = "binary_focal_crossentropy",
        dtype: DTypeLike | None = None,
    ) -> None:
        options = dict(from_logits=from_logits, label_smoothing=label_smoothing, axis=axis)
        options.update(apply_class_balancing=apply_class_balancing, alpha=alpha, gamma=gamma)
        super().__init__(binary_focal_crossentropy, reduction=reduction, name=name, dtype=dtype, **options)


@shares_arguments(Loss)
class CategoricalFocalCrossentropy(BuiltInLoss):
    """Cross-entropy of one-hot targets in which samples that are already right count less.

    Args:
        alpha: float, or a list of floats, one a class: the weight of the loss.
        gamma: float, how strongly easy samples fade (0: the plain cross-entropy).
        from_logits: whether predictions have not been through a softmax.
        label_smoothing: float in [0, 1], how far targets move towards the uniform distribution.
        axis: int, the axis of the classes.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.CategoricalFocalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.0433

    Reference:
        Lin et al. 2017, "Focal loss for dense object detection", arXiv:1708.02002.
    """

    def __init__(
        self,
        alpha: float | Sequence[float] = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: LossReduction = "sum_over_batch_size",
        name: str = "categorical_focal_crossentropy",
        dtype: DTypeLike | None = None,
    ) -> None:
        options = dict(from_logits=from_logits, label_smoothing=label_smoothing, axis=axis, alpha=alpha, gamma=gamma)
        super().__init__(categorical_focal_crossentropy, reduction=reduction, name=name, dtype=dtype, **options)
