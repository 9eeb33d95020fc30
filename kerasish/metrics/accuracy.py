"""How often predictions match the targets."""

from __future__ import annotations

from kerasish import backend, ops
from kerasish.docstrings import shares_arguments
from kerasish.losses.reduction import broadcasts, equal_shapes, squeeze_or_expand_to_same_rank
from kerasish.metrics.means import FunctionMetric
from kerasish.metrics.metric import Metric
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, DTypeLike, TensorLike


def _check_broadcast(y_true, y_pred):
    if not broadcasts(y_true.shape, y_pred.shape):
        raise ValueError(
            f"`y_true` and `y_pred` must have the same shape, got {tuple(y_true.shape)} and {tuple(y_pred.shape)}. "
            "Compare the targets with the shape of the model's output."
        )


def _check_k(k):
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise ValueError(f"`k` must be a positive int, the number of best predictions to look at; got {k!r}.")
    return k


def _check_labels(labels, y_pred, true_shape):
    """Refuse labels (class indices) that are not one a prediction."""
    if not equal_shapes(labels.shape, y_pred.shape[:-1]):
        raise ValueError(
            f"The targets must be one class for each prediction: `y_pred` has shape {tuple(y_pred.shape)} (the classes "
            f"last), `y_true` has {tuple(true_shape)}. One-hot targets belong to the categorical metrics, class "
            "indices to the sparse ones."
        )


def _as_hits(matches):
    return ops.cast(matches, backend.floatx())


def accuracy(y_true: TensorLike, y_pred: TensorLike) -> AnyTensor:
    """1 where `y_true` equals `y_pred`, else 0.

    Args:
        y_true: targets, any shape.
        y_pred: predictions, same shape.

    Returns:
        Float tensor of that shape.

    Example:
        >>> import kerasish as keras
        >>> from kerasish.metrics.accuracy import accuracy
        >>> accuracy([[1], [2]], [[1], [3]]).tolist()
        [[1.0], [0.0]]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.convert_to_tensor(y_true, dtype=backend.standardize_dtype(y_pred.dtype))
    y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
    _check_broadcast(y_true, y_pred)
    return _as_hits(ops.equal(y_true, y_pred))


@suggesting
def binary_accuracy(y_true: TensorLike, y_pred: TensorLike, threshold: float = 0.5) -> AnyTensor:
    """1 where `y_pred` is on the side of `threshold` that `y_true` (0 or 1) says, else 0.

    Args:
        y_true: targets, 0 or 1, shape (batch, ..., d).
        y_pred: predictions, same shape.
        threshold: float; predictions above it mean 1.

    Returns:
        Float tensor of the same shape.

    Example:
        >>> import kerasish as keras
        >>> keras.metrics.binary_accuracy([[1.0], [0.0]], [[0.7], [0.8]]).tolist()
        [[1.0], [0.0]]
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
    _check_broadcast(y_true, y_pred)
    said = ops.cast(ops.greater(y_pred, threshold), backend.standardize_dtype(y_true.dtype))
    return _as_hits(ops.equal(y_true, said))


@suggesting
def categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> AnyTensor:
    """1 where the largest prediction is that of the true class, else 0.

    Args:
        y_true: one-hot targets, shape (batch, ..., classes).
        y_pred: predictions, same shape.

    Returns:
        Float tensor of shape (batch, ...).

    Raises:
        ValueError: for shapes that don't fit.

    Example:
        >>> import kerasish as keras
        >>> keras.metrics.categorical_accuracy([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0.0]]).tolist()
        [0.0, 1.0]
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    labels = ops.argmax(y_true, axis=-1)
    shape = labels.shape
    extra_axis = 0 < len(shape) == len(y_pred.shape) and shape[-1] == 1
    if extra_axis:
        labels = ops.squeeze(labels, axis=-1)
    _check_labels(labels, y_pred, y_true.shape)
    hits = _as_hits(ops.equal(labels, ops.argmax(y_pred, axis=-1)))
    return ops.expand_dims(hits, axis=-1) if extra_axis else hits


@suggesting
def sparse_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> AnyTensor:
    """1 where the largest prediction is that of the true class, else 0.

    Args:
        y_true: class indices, shape (batch, ...) or (batch, ..., 1).
        y_pred: predictions, shape (batch, ..., classes).

    Returns:
        Float tensor of shape (batch, ...).

    Raises:
        ValueError: for shapes that don't fit.

    Example:
        >>> import kerasish as keras
        >>> keras.metrics.sparse_categorical_accuracy([2, 1], [[0.1, 0.9, 0.8], [0.05, 0.95, 0.0]]).tolist()
        [0.0, 1.0]
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    labels = y_true
    if 0 < len(labels.shape) == len(y_pred.shape) and labels.shape[-1] == 1:
        labels = ops.squeeze(labels, axis=-1)
    _check_labels(labels, y_pred, y_true.shape)
    hits = _as_hits(ops.equal(labels, ops.argmax(y_pred, axis=-1)))
    return ops.squeeze(hits, axis=-1) if len(hits.shape) > 1 and hits.shape[-1] == 1 else hits


@suggesting
def top_k_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike, k: int = 5) -> AnyTensor:
    """1 where the prediction of the true class is among the `k` largest, else 0.

    Args:
        y_true: one-hot targets, shape (batch, ..., classes).
        y_pred: predictions, same shape.
        k: int, how many of the largest predictions count as hits.

    Returns:
        Float tensor of shape (batch, ...).

    Raises:
        ValueError: for shapes that don't fit.

    Example:
        >>> import kerasish as keras
        >>> y_true, y_pred = [[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.9, 0.05, 0.1]]
        >>> keras.metrics.top_k_categorical_accuracy(y_true, y_pred, k=2).tolist()
        [1.0, 0.0]
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    labels = ops.argmax(y_true, axis=-1)
    _check_labels(labels, y_pred, y_true.shape)
    return _as_hits(ops.in_top_k(labels, y_pred, k=_check_k(k)))


@suggesting
def sparse_top_k_categorical_accuracy(
    y_true: TensorLike, y_pred: TensorLike, k: int = 5, from_sorted_ids: bool = False
) -> AnyTensor:
    """1 where the prediction of the true class is among the `k` largest, else 0.

    Args:
        y_true: class indices, shape (batch, ...).
        y_pred: predictions, shape (batch, ..., classes).
        k: int, how many of the largest predictions count as hits.
        from_sorted_ids: whether `y_pred` holds class indices, the best first, instead of predictions.

    Returns:
        Float tensor of shape (batch, ...).

    Raises:
        ValueError: for shapes that don't fit.

    Example:
        >>> import kerasish as keras
        >>> keras.metrics.sparse_top_k_categorical_accuracy([2, 1], [[0.1, 0.9, 0.8], [0.9, 0.05, 0.1]], k=2).tolist()
        [1.0, 0.0]
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    k, labels = _check_k(k), y_true
    if not y_pred.shape:
        raise ValueError("`y_pred` must have an axis of classes, its last; got a scalar.")
    extra_axis = len(labels.shape) == len(y_pred.shape) and labels.shape[-1] == 1
    if extra_axis:
        labels = ops.squeeze(labels, axis=-1)
    _check_labels(labels, y_pred, y_true.shape)
    if from_sorted_ids:
        hits = _as_hits(ops.any(ops.equal(ops.expand_dims(labels, axis=-1), y_pred[..., :k]), axis=-1))
    else:
        hits = _as_hits(ops.in_top_k(ops.cast(labels, "int32"), y_pred, k=k))
    return ops.expand_dims(hits, axis=-1) if extra_axis else hits


@shares_arguments(Metric)
class Accuracy(FunctionMetric):
    """How often `y_pred` equals `y_true`.

    Example:
        >>> import kerasish as keras
        >>> float(keras.metrics.Accuracy()([[1], [2], [3], [4]], [[0], [2], [3], [4]]))
        0.75
    """

    direction = "up"

    def __init__(self, name: str = "accuracy", dtype: DTypeLike | None = None) -> None:
        super().__init__(accuracy, name=name, dtype=dtype)


@shares_arguments(Metric)
class BinaryAccuracy(FunctionMetric):
    """How often predictions are on the right side of `threshold`.

    Args:
        threshold: float; predictions above it mean 1.

    Example:
        >>> import kerasish as keras
        >>> float(keras.metrics.BinaryAccuracy()([[1], [1], [0], [0]], [[0.98], [1.0], [0.0], [0.6]]))
        0.75
    """

    direction = "up"

    def __init__(self, name: str = "binary_accuracy", dtype: DTypeLike | None = None, threshold: float = 0.5) -> None:
        super().__init__(binary_accuracy, name=name, dtype=dtype, threshold=threshold)


@shares_arguments(Metric)
class CategoricalAccuracy(FunctionMetric):
    """How often the largest prediction is that of the true class; targets are one-hot.

    Example:
        >>> import kerasish as keras
        >>> float(keras.metrics.CategoricalAccuracy()([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0.0]]))
        0.5
    """

    direction = "up"

    def __init__(self, name: str = "categorical_accuracy", dtype: DTypeLike | None = None) -> None:
        super().__init__(categorical_accuracy, name=name, dtype=dtype)


@shares_arguments(Metric)
class SparseCategoricalAccuracy(FunctionMetric):
    """How often the largest prediction is that of the true class; targets are class indices.

    Example:
        >>> import kerasish as keras
        >>> float(keras.metrics.SparseCategoricalAccuracy()([2, 1], [[0.1, 0.9, 0.8], [0.05, 0.95, 0.0]]))
        0.5
    """

    direction = "up"

    def __init__(self, name: str = "sparse_categorical_accuracy", dtype: DTypeLike | None = None) -> None:
        super().__init__(sparse_categorical_accuracy, name=name, dtype=dtype)


@shares_arguments(Metric)
class TopKCategoricalAccuracy(FunctionMetric):
    """How often the prediction of the true class is among the `k` largest; targets are one-hot.

    Args:
        k: int, how many of the largest predictions count as hits.

    Example:
        >>> import kerasish as keras
        >>> m = keras.metrics.TopKCategoricalAccuracy(k=1)
        >>> float(m([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0.0]]))
        0.5
    """

    direction = "up"

    def __init__(self, k: int = 5, name: str = "top_k_categorical_accuracy", dtype: DTypeLike | None = None) -> None:
        super().__init__(top_k_categorical_accuracy, name=name, dtype=dtype, k=_check_k(k))


@shares_arguments(Metric)
class SparseTopKCategoricalAccuracy(FunctionMetric):
    """How often the prediction of the true class is among the `k` largest; targets are class indices.

    Args:
        k: int, how many of the largest predictions count as hits.
        from_sorted_ids: whether predictions are class indices, the best first.

    Example:
        >>> import kerasish as keras
        >>> float(keras.metrics.SparseTopKCategoricalAccuracy(k=1)([2, 1], [[0.1, 0.9, 0.8], [0.05, 0.95, 0.0]]))
        0.5
    """

    direction = "up"
    saved_if_changed = {"from_sorted_ids": False}

    def __init__(
        self,
        k: int = 5,
        name: str = "sparse_top_k_categorical_accuracy",
        dtype: DTypeLike | None = None,
        from_sorted_ids: bool = False,
    ) -> None:
        options = dict(k=_check_k(k), from_sorted_ids=bool(from_sorted_ids))
        super().__init__(sparse_top_k_categorical_accuracy, name=name, dtype=dtype, **options)
