"""`class_weight` and `sample_weight`: check them, and turn the first into the second."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish import tree
from kerasish.backend.settings import floatx
from kerasish.typing import Arrays

if TYPE_CHECKING:
    from collections.abc import Mapping


def check_class_weight(class_weight: Mapping[int, float] | None) -> None:
    """Raise ValueError unless `class_weight` is None or a dict from class number to weight."""
    if class_weight is None:
        return
    if not isinstance(class_weight, dict):
        raise ValueError(
            f"`class_weight` must be a dict from class number to weight, such as {{0: 1.0, 1: 5.0}}, "
            f"got {type(class_weight).__name__}."
        )
    for label, weight in class_weight.items():
        if not isinstance(label, numbers.Integral) or not isinstance(weight, numbers.Real):
            raise ValueError(
                "`class_weight` must map integers to numbers, such as {0: 1.0, 1: 5.0}, "
                f"got the entry {label!r}: {weight!r}."
            )


class LabelWeights(dict):
    """A `class_weight` for a loss whose targets are class numbers, however many a sample: each gets its weight."""


def class_weights_of(y: Arrays, class_weight: Mapping[int, float] | None) -> Any:
    """The weight of every label of `y`, an array of `floatx()`.

    Args:
        y: array of labels, (n,) or (n, 1), or of one-hot or probability rows (..., classes); for `LabelWeights` of
            labels of any shape.
        class_weight: dict from class number to weight. Classes that it does not name have weight 1, as in Keras.

    Returns:
        Array of the shape of `y`, without a last axis of classes or of size 1.
    """
    if y.dtype.kind not in "biuf":
        raise ValueError(f"`class_weight` needs `y` as class numbers or one-hot rows, got dtype {y.dtype}.")
    if y.ndim > 1 and y.shape[-1] == 1:
        y = y[..., 0]
    elif y.ndim > 1 and not isinstance(class_weight, LabelWeights):
        _check_one_hot(y)
        y = y.argmax(axis=-1)
    labels, which = np.unique(np.round(y).astype("int64"), return_inverse=True)
    weights = [class_weight.get(int(label), 1.0) for label in labels]
    return np.array(weights, dtype=floatx())[which.reshape(y.shape)]


def _check_one_hot(y):
    if y.size and (y.min() < 0 or np.abs(y.sum(axis=-1, dtype="float64") - 1).max() > 0.01):
        raise ValueError(
            "`class_weight` needs one class a sample: class numbers of shape (n,) or (n, 1), or one-hot rows, got `y` "
            f"of shape {y.shape} whose rows do not sum to 1. For class numbers of several axes use a sparse loss "
            '("sparse_categorical_crossentropy"); for several classes a row pass `sample_weight` instead.'
        )


def refuse_both_weights() -> Any:
    raise ValueError(
        "`class_weight` and `sample_weight` cannot be used together. Multiply the class weights into `sample_weight`."
    )


def spread_sample_weight(y: Arrays, sample_weight: Arrays) -> Any:
    """`sample_weight` (settled) in the structure of `y`.

    One array for all outputs is repeated, others must nest alike.
    """
    if sample_weight is None or not tree.is_nested(y):
        return sample_weight
    if not tree.is_nested(sample_weight):
        shape = tuple(sample_weight.shape)
        if len(shape) != 1 and shape[1:] != (1,):
            raise ValueError(
                "For a model with several outputs, a single `sample_weight` must have one weight a sample, shape (n,), "
                f"got shape {shape}. Pass one array an output to weigh in another way."
            )
        return tree.map_structure(lambda _: sample_weight, y)
    try:
        tree.assert_same_structure(y, sample_weight)
    except ValueError:
        ours, theirs = (tree.map_structure(lambda leaf: "array", s) for s in (y, sample_weight))
        raise ValueError(
            f"`sample_weight` must be one array, or nest like `y`: `y` is {ours}, `sample_weight` is {theirs}."
        ) from None
    return sample_weight
