"""Cross-entropies: of yes/no targets, of one-hot targets, of class indices."""

from __future__ import annotations

import warnings

from kerasish import backend, ops
from kerasish.docstrings import shares_arguments
from kerasish.losses.loss import BuiltInLoss, Loss
from kerasish.losses.operands import as_operands
from kerasish.losses.reduction import equal_shapes
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, DTypeLike, LossReduction, TensorLike


def check_class_axis(y_pred: TensorLike, axis: int, function_name: str) -> None:
    """Refuse an `axis` that is no int, or not there; warn where there is a single class."""
    if isinstance(axis, bool) or not isinstance(axis, int):
        raise ValueError(f"`axis` must be an int, got {axis!r} of type {type(axis).__name__}.")
    if not -len(y_pred.shape) <= axis < len(y_pred.shape):
        raise ValueError(
            f"`y_pred` of {function_name} must have an axis of classes, `axis`={axis}; got shape {tuple(y_pred.shape)}."
        )
    if y_pred.shape[-1] == 1:
        warnings.warn(
            f"{function_name} expects `y_pred` of shape (batch, classes) with two classes or more, got "
            f"{tuple(y_pred.shape)}. For a single yes/no output use binary_crossentropy.",
            SyntaxWarning,
            stacklevel=3,
        )


def smooth_binary(y_true: TensorLike, label_smoothing: float) -> AnyTensor:
    """Targets moved from 0 and 1 towards 0.5."""
    if not label_smoothing:
        return y_true
    return ops.add(ops.multiply(y_true, 1.0 - label_smoothing), 0.5 * label_smoothing)


def smooth_categorical(y_true: TensorLike, label_smoothing: float) -> AnyTensor:
    """One-hot targets moved towards the uniform distribution over the last axis."""
    if not label_smoothing:
        return y_true
    return ops.add(ops.multiply(y_true, 1.0 - label_smoothing), label_smoothing / y_true.shape[-1])


@suggesting
def binary_crossentropy(
    y_true: TensorLike, y_pred: TensorLike, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> AnyTensor:
    """-(y log(p) + (1 - y) log(1 - p)), the mean over `axis`.

    Args:
        y_true: targets in [0, 1], shape (batch, ..., d).
        y_pred: probabilities, or logits where `from_logits`, same shape.
        from_logits: whether `y_pred` has not been through a sigmoid.
        label_smoothing: float in [0, 1]; targets become y (1 - s) + s / 2.
        axis: int, the axis to average over.

    Returns:
        Tensor without `axis`.

    Raises:
        ValueError: for shapes that differ.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.binary_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])[0]), 4)
        0.6931
    """
    y_true, y_pred = as_operands(y_true, y_pred, same_shape=True)
    y_true = smooth_binary(y_true, label_smoothing)
    return ops.mean(ops.binary_crossentropy(y_true, y_pred, from_logits=from_logits), axis=axis)


@suggesting
def categorical_crossentropy(
    y_true: TensorLike, y_pred: TensorLike, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> AnyTensor:
    """-sum(y log(p)) over the classes.

    Args:
        y_true: one-hot targets or distributions, shape (batch, ..., classes).
        y_pred: probabilities (rescaled to sum 1), or logits where `from_logits`, same shape.
        from_logits: whether `y_pred` has not been through a softmax.
        label_smoothing: float in [0, 1]; targets become y (1 - s) + s / classes.
        axis: int, the axis of the classes.

    Returns:
        Tensor without `axis`.

    Raises:
        ValueError: for shapes that differ.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])[0]), 4)
        0.6931
    """
    y_true, y_pred = as_operands(y_true, y_pred, same_shape=True)
    check_class_axis(y_pred, axis, "categorical_crossentropy")
    y_true = smooth_categorical(y_true, label_smoothing)
    return ops.categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)


@suggesting
def sparse_categorical_crossentropy(
    y_true: TensorLike, y_pred: TensorLike, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> AnyTensor:
    """-log(p) of the true class.

    Args:
        y_true: class indices, shape (batch, ...), or with an axis of size 1 where `y_pred` has its classes.
        y_pred: probabilities (rescaled to sum 1), or logits where `from_logits`, shape (batch, ..., classes).
        from_logits: whether `y_pred` has not been through a softmax.
        ignore_class: optional int; samples of that class have loss 0 and are masked.
        axis: int, the axis of the classes.

    Returns:
        Tensor of the shape of `y_pred` without `axis`.

    Raises:
        ValueError: for shapes that don't fit.

    Example:
        >>> import kerasish as keras
        >>> losses = keras.losses.sparse_categorical_crossentropy([1, -1], [[0.5, 0.5], [0.9, 0.1]], ignore_class=-1)
        >>> losses.round(4).tolist()
        [0.6930999755859375, 0.0]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.convert_to_tensor(y_true)
    check_class_axis(y_pred, axis, "sparse_categorical_crossentropy")
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[axis] == 1:
        y_true = ops.squeeze(y_true, axis=axis)
    _check_sparse_shapes(y_true, y_pred, axis)
    if ignore_class is None:
        return ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)
    valid = ops.not_equal(y_true, float(ignore_class))
    # The predictions of ignored samples become 1: anything finite will do, and 0 would be divided by its sum.
    y_true = ops.where(valid, y_true, 0)
    y_pred = ops.where(ops.expand_dims(valid, axis), y_pred, 1.0)
    values = ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)
    values = ops.where(valid, values, 0.0)
    backend.set_keras_mask(values, valid)
    return values


def _check_sparse_shapes(y_true, y_pred, axis):
    expected = list(y_pred.shape)
    if not -len(expected) <= axis < len(expected):
        raise ValueError(f"`axis` {axis} is out of range for `y_pred` of shape {tuple(expected)}.")
    expected.pop(axis)
    if not equal_shapes(y_true.shape, expected):
        raise ValueError(
            f"`y_true` must hold one class index for each prediction: expected shape {tuple(expected)} for `y_pred` of "
            f"shape {tuple(y_pred.shape)}, got {tuple(y_true.shape)}. For one-hot targets use categorical_crossentropy."
        )


@shares_arguments(Loss)
class BinaryCrossentropy(BuiltInLoss):
    """Cross-entropy of yes/no targets.

    Args:
        from_logits: whether predictions have not been through a sigmoid.
        label_smoothing: float in [0, 1], how far targets move towards 0.5.
        axis: int, the axis to average over.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.BinaryCrossentropy(from_logits=True)([[0.0, 1.0]], [[0.0, 0.0]])), 4)
        0.6931
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: LossReduction = "sum_over_batch_size",
        name: str = "binary_crossentropy",
        dtype: DTypeLike | None = None,
    ) -> None:
        options = dict(from_logits=from_logits, label_smoothing=label_smoothing, axis=axis)
        super().__init__(binary_crossentropy, reduction=reduction, name=name, dtype=dtype, **options)


@shares_arguments(Loss)
class CategoricalCrossentropy(BuiltInLoss):
    """Cross-entropy of one-hot targets.

    Args:
        from_logits: whether predictions have not been through a softmax.
        label_smoothing: float in [0, 1], how far targets move towards the uniform distribution.
        axis: int, the axis of the classes.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.6931
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: LossReduction = "sum_over_batch_size",
        name: str = "categorical_crossentropy",
        dtype: DTypeLike | None = None,
    ) -> None:
        options = dict(from_logits=from_logits, label_smoothing=label_smoothing, axis=axis)
        super().__init__(categorical_crossentropy, reduction=reduction, name=name, dtype=dtype, **options)


@shares_arguments(Loss)
class SparseCategoricalCrossentropy(BuiltInLoss):
    """Cross-entropy of class indices.

    Args:
        from_logits: whether predictions have not been through a softmax.
        ignore_class: optional int; samples of that class are left out of the mean.
        axis: int, the axis of the classes.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.losses.SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 4)
        0.6931
    """

    saved_if_changed = {"axis": -1}

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: LossReduction = "sum_over_batch_size",
        axis: int = -1,
        name: str = "sparse_categorical_crossentropy",
        dtype: DTypeLike | None = None,
    ) -> None:
        options = dict(from_logits=from_logits, ignore_class=ignore_class, axis=axis)
        super().__init__(sparse_categorical_crossentropy, reduction=reduction, name=name, dtype=dtype, **options)
