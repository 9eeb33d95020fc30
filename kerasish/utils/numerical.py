"""One-hot labels and unit-length rows."""

from __future__ import annotations

import numpy as np

from kerasish.backend.graph import Tensor
from kerasish.backend.host_arrays import as_numpy
from kerasish.backend.settings import floatx
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, Axis, TensorLike


@suggesting
def to_categorical(x: TensorLike, num_classes: int | None = None) -> AnyTensor:
    """Turn integer class labels into one-hot rows, as `categorical_crossentropy` wants its targets.

    Args:
        x: array-like of labels from 0 to `num_classes - 1`, any shape. A last axis of length 1 is dropped first.
        num_classes: length of the new last axis; None (or 0) takes the largest label + 1.

    Returns:
        A float64 NumPy array of shape `x.shape + (num_classes,)`; for a symbolic or traced tensor, a tensor of
        `floatx()`.

    Raises:
        ValueError: when `x` is empty and `num_classes` is not given, or for a label outside 0 ... `num_classes - 1`.

    Example:
        >>> import kerasish as keras
        >>> keras.utils.to_categorical([0, 2, 1])
        array([[1., 0., 0.],
               [0., 0., 1.],
               [0., 1., 0.]])
    """
    if isinstance(x, Tensor):
        return _one_hot_tensor(x, num_classes)
    labels = as_numpy(x).astype("int64")
    shape = labels.shape[:-1] if labels.ndim > 1 and labels.shape[-1] == 1 else labels.shape
    labels = labels.reshape(-1)
    if not num_classes:
        if not labels.size:
            raise ValueError("`x` has no labels, so the number of classes cannot be told: pass `num_classes`.")
        num_classes = int(labels.max()) + 1
    if labels.size and (labels.min() < 0 or labels.max() >= num_classes):
        wrong = labels.min() if labels.min() < 0 else labels.max()
        raise ValueError(
            f"`x` must hold labels from 0 to num_classes - 1 = {num_classes - 1}, got the label {wrong}. "
            "Number the classes from 0, or pass a larger `num_classes`."
        )
    rows = np.zeros((labels.size, num_classes))
    rows[np.arange(labels.size), labels] = 1
    return rows.reshape(*shape, num_classes)


def _one_hot_tensor(x, num_classes):
    from kerasish import ops  # start-up time: arrays need none of it

    if not num_classes:
        raise ValueError("`num_classes` must be given for a symbolic tensor: its labels are not known yet.")
    if len(x.shape) > 1 and x.shape[-1] == 1:
        x = ops.squeeze(x, axis=-1)
    return ops.one_hot(x, num_classes)


@suggesting
def normalize(x: TensorLike, axis: Axis = -1, order: float = 2) -> AnyTensor:
    """Divide `x` by its norm along `axis`, so that every row (column, ...) has norm 1; rows of zeros stay.

    Args:
        x: array-like of numbers, or a symbolic or traced tensor. What is no NumPy array becomes one of `floatx()`.
        axis: the axis of the vectors; None takes the norm of the whole array.
        order: which norm, as in `numpy.linalg.norm`: 2 (Euclidean), 1, `numpy.inf`, ...

    Returns:
        An array of the shape of `x`, but (1, n) for a NumPy vector of length n, as in Keras. (Keras misreads `axis=0`
        as the last axis; here it is the first.)

    Example:
        >>> import kerasish as keras, numpy as np
        >>> keras.utils.normalize(np.array([[3.0, 4.0], [0.0, 0.0]]))
        array([[0.6, 0.8],
               [0. , 0. ]])
    """
    if isinstance(x, Tensor):
        from kerasish import ops  # start-up time: arrays need none of it

        return ops.normalize(x, axis=axis, order=order)
    is_list = not isinstance(x, np.ndarray)
    if is_list:
        x = as_numpy(x, floatx())
    if axis is None:
        norm = np.linalg.norm(x, order)
        return np.atleast_2d(x / (norm if norm != 0 else 1))
    norm = np.linalg.norm(x, order, axis, keepdims=True)
    unit = x / np.where(norm == 0, norm.dtype.type(1), norm)
    return unit if is_list or x.ndim != 1 else unit[np.newaxis]
