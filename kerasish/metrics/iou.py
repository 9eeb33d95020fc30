"""Intersection over union of classes, from a running confusion matrix."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from kerasish import backend, ops
from kerasish.backend import is_float_dtype, standardize_dtype
from kerasish.docstrings import shares_arguments
from kerasish.metrics.confusion import check_count, sum_by_index
from kerasish.metrics.metric import Metric
from kerasish.typing import AnyTensor, Config, DTypeLike, TensorLike

_MOST_CLASSES = 1 << 16


def _check_classes(num_classes):
    """The number of classes, where it is one for which a matrix of counts can be had."""
    if check_count("num_classes", num_classes, 1) > _MOST_CLASSES:
        raise ValueError(
            f"`num_classes` must be at most {_MOST_CLASSES:,}, got {num_classes}: a matrix of so many rows and columns "
            "is counted in."
        )
    return num_classes


class ConfusionMatrix(Metric):
    """Counts of (true class, predicted class), a matrix (classes, classes); what all IoU metrics read."""

    _direction = "up"

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: DTypeLike | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(name=name, dtype=dtype or "int32")
        self.num_classes = _check_classes(num_classes)
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        shape = (num_classes, num_classes)
        self.total_cm = self.add_variable(shape, "zeros", dtype=self.dtype, name="total_confusion_matrix")

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Add a batch.

        Args:
            y_true: class indices, shape (batch, ...), or with an axis of classes where targets are not sparse. Indices
                outside of the classes are left out.
            y_pred: the same of the predictions.
            sample_weight: None, or weights of the shape of the class indices.
        """
        y_true = self._labels("y_true", y_true, self.sparse_y_true)
        y_pred = self._labels("y_pred", y_pred, self.sparse_y_pred)
        if None not in (y_true.shape[0], y_pred.shape[0]) and y_true.shape[0] != y_pred.shape[0]:
            raise ValueError(
                f"`y_true` and `y_pred` must hold as many classes, got {y_true.shape[0]} and {y_pred.shape[0]}. "
                "One-hot targets or predictions need `sparse_y_true=False` or `sparse_y_pred=False` (or OneHotIoU)."
            )
        valid = ops.logical_and(self._in_range(y_true), self._in_range(y_pred))
        if self.ignore_class is not None:
            valid = ops.logical_and(valid, ops.not_equal(y_true, self.ignore_class))
        weight = ops.cast(valid, self.dtype)
        if sample_weight is not None:
            weight = ops.multiply(weight, self._weights(sample_weight, y_true))
        cell = ops.add(ops.multiply(y_true, self.num_classes), y_pred)
        cells = sum_by_index(weight, ops.where(valid, cell, 0), self.num_classes**2)
        self.total_cm.assign_add(ops.reshape(cells, (self.num_classes, self.num_classes)))

    def _labels(self, argument, x, sparse):
        """Class indices as a vector of int32."""
        x = ops.convert_to_tensor(x)
        if not sparse:
            if x.shape[self.axis] not in (None, self.num_classes):
                raise ValueError(
                    f"`{argument}` must have {self.num_classes} classes along axis {self.axis}, got shape "
                    f"{tuple(x.shape)}."
                )
            x = ops.argmax(x, axis=self.axis)
        return ops.cast(ops.reshape(x, (-1,)), "int32")

    def _in_range(self, labels):
        return ops.logical_and(ops.greater_equal(labels, 0), ops.less(labels, self.num_classes))

    def _weights(self, sample_weight, labels):
        sample_weight = ops.convert_to_tensor(sample_weight)
        if is_float_dtype(standardize_dtype(sample_weight.dtype)) and not is_float_dtype(self.dtype):
            warnings.warn(
                f"{type(self).__name__} {self.name!r} counts in {self.dtype}, so float weights lose their fractions. "
                "Pass dtype='float32' to the metric, or int weights.",
                stacklevel=4,
            )
        sample_weight = ops.cast(ops.reshape(sample_weight, (-1,)), self.dtype)
        if sample_weight.shape[0] not in (1, None) and labels.shape[0] not in (sample_weight.shape[0], None):
            raise ValueError(
                f"`sample_weight` holds {sample_weight.shape[0]} weights for {labels.shape[0]} classes of `y_true`."
            )
        return sample_weight


@shares_arguments(Metric)
class IoU(ConfusionMatrix):
    """The mean over chosen classes of true positives / (true positives + false positives + false negatives).

    Args:
        num_classes: int, how many classes there are.
        target_class_ids: tuple of ints, the classes to average over; those that never occur are left out.
        dtype: dtype of the counts; int32 when None.
        ignore_class: None, or a class whose targets are left out.
        sparse_y_true: whether targets are class indices; else the largest along `axis` counts.
        sparse_y_pred: whether predictions are class indices; else the largest along `axis` counts.
        axis: int, the axis of the classes where they are not sparse.

    Raises:
        ValueError: for a target class that does not exist.

    Example:
        >>> import kerasish as keras
        >>> m = keras.metrics.IoU(num_classes=2, target_class_ids=[0])
        >>> round(float(m([0, 0, 1, 1], [0, 1, 0, 1])), 4)
        0.3333
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: DTypeLike | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        _check_classes(num_classes)
        target_class_ids = [int(i) for i in target_class_ids]
        wrong = [i for i in target_class_ids if not 0 <= i < num_classes]
        if wrong or not target_class_ids:
            raise ValueError(f"`target_class_ids` must name classes in [0, {num_classes}), got {wrong or 'none'}.")
        super().__init__(
            num_classes,
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=sparse_y_true,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )
        self.target_class_ids = target_class_ids

    def result(self) -> AnyTensor:
        """The mean, a scalar float32; 0 where no class occurs."""
        counts = ops.cast(self.total_cm, "float32")
        hits = ops.diagonal(counts)
        union = ops.subtract(ops.add(ops.sum(counts, axis=0), ops.sum(counts, axis=1)), hits)
        if self.target_class_ids != list(range(self.num_classes)):
            hits, union = ops.take(hits, self.target_class_ids), ops.take(union, self.target_class_ids)
        occurs = ops.greater(union, 1e-9)
        share = ops.where(occurs, ops.divide(hits, ops.add(union, backend.epsilon())), 0.0)
        return ops.divide(ops.sum(share), ops.add(ops.sum(ops.cast(occurs, "float32")), backend.epsilon()))

    def get_config(self) -> Config:
        return self._config("num_classes", "target_class_ids", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")

    def _config(self, *arguments):
        return {**Metric.get_config(self), **{argument: getattr(self, argument) for argument in arguments}}


@shares_arguments(Metric)
class BinaryIoU(IoU):
    """The IoU of the two classes that predictions below and above `threshold` mean.

    Args:
        target_class_ids: tuple with 0, 1 or both.
        threshold: float; predictions of at least this mean class 1.
        dtype: dtype of the counts; int32 when None.

    Example:
        >>> import kerasish as keras
        >>> m = keras.metrics.BinaryIoU(threshold=0.3)
        >>> round(float(m([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])), 4)
        0.3333
    """

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(2, target_class_ids, name=name, dtype=dtype)
        self.threshold = threshold

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Add a batch.

        Args:
            y_true: targets, 0 or 1, shape (batch, ...).
            y_pred: predictions that `threshold` divides, same shape.
            sample_weight: None, or weights that broadcast against `y_true`: a weight a sample, shape (batch,), or a
                value.
        """
        y_pred = ops.convert_to_tensor(y_pred, dtype="float32")
        super().update_state(y_true, ops.greater_equal(y_pred, self.threshold), sample_weight)

    def get_config(self) -> Config:
        return self._config("target_class_ids", "threshold")


@shares_arguments(IoU)
class MeanIoU(IoU):
    """The mean over all classes of true positives / (true positives + false positives + false negatives).

    Args:
        num_classes: int.

    Example:
        >>> import kerasish as keras
        >>> m = keras.metrics.MeanIoU(num_classes=2)
        >>> round(float(m([0, 0, 1, 1], [0, 1, 0, 1])), 4)
        0.3333
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: DTypeLike | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            range(_check_classes(num_classes)),
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=sparse_y_true,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )

    def get_config(self) -> Config:
        return self._config("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")


@shares_arguments(IoU)
class OneHotIoU(IoU):
    """`IoU` for one-hot targets.

    Args:
        sparse_y_pred: whether predictions are class indices; else the largest along `axis` counts.
        axis: int, the axis of the classes.

    Example:
        >>> import kerasish as keras
        >>> m = keras.metrics.OneHotIoU(num_classes=2, target_class_ids=[0])
        >>> round(float(m([[1, 0], [1, 0], [0, 1]], [[0.9, 0.1], [0.3, 0.7], [0.2, 0.8]])), 4)
        0.5
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: DTypeLike | None = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            target_class_ids,
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=False,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )

    def get_config(self) -> Config:
        return self._config("num_classes", "target_class_ids", "ignore_class", "sparse_y_pred", "axis")


@shares_arguments(IoU)
class OneHotMeanIoU(MeanIoU):
    """`MeanIoU` for one-hot targets.

    Args:
        sparse_y_pred: whether predictions are class indices; else the largest along `axis` counts.
        axis: int, the axis of the classes.

    Example:
        >>> import kerasish as keras
        >>> m = keras.metrics.OneHotMeanIoU(num_classes=2)
        >>> round(float(m([[1, 0], [1, 0], [0, 1]], [[0.9, 0.1], [0.3, 0.7], [0.2, 0.8]])), 4)
        0.5
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: DTypeLike | None = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=False,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )

    def get_config(self) -> Config:
        return self._config("num_classes", "ignore_class", "sparse_y_pred", "axis")
