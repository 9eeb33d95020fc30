"""Batches that others make (generators, loaders, PyDatasets), brought into the one form that the loop takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish import tree
from kerasish.models.data import structure, weights
from kerasish.models.data.columns import check_no_text, dtype_in_batch, to_array
from kerasish.utils.batch import unpack_x_y_sample_weight

if TYPE_CHECKING:
    from collections.abc import Mapping


def standardize_batch(data: Any, source: Any, class_weight: Mapping[int, float] | None = None) -> tuple[Any, ...]:
    """`data` as `(x, y, sample_weight)`, None where absent.

    These are nested structures of contiguous arrays, floats as `floatx()`.

    Args:
        data: `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`; a list counts as a tuple.
        source: what made it, for messages, such as "The generator".

    Raises:
        ValueError: for anything else, for arrays that differ in their number of samples, and for empty batches.
    """
    if data is None:
        raise ValueError(f"{source} gave None for a batch. It must give `(x,)`, `(x, y)` or `(x, y, sample_weight)`.")
    try:
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        x = _standardize(x, "x")
        y = _standardize(y, "y")
        sample_weight = weights.spread_sample_weight(y, _standardize(sample_weight, "sample_weight"))
        _check_samples(x, y, sample_weight)
        if class_weight is not None and y is not None:
            if sample_weight is not None:
                weights.refuse_both_weights()
            if tree.is_nested(y):
                raise ValueError("`class_weight` works for models with a single output, but `y` is a structure.")
            sample_weight = weights.class_weights_of(y, class_weight)
    except ValueError as error:
        raise ValueError(f"{source} gave a batch that cannot be used. {error}") from error
    return x, y, sample_weight


def _standardize(part, name):
    if type(part) is np.ndarray:
        return _standardize_array(part, name)
    return structure.map_leaves(_standardize_array, structure.settle(part, name), name)


def _standardize_array(leaf, name):
    array = to_array(leaf, name)
    if array.ndim == 0:
        raise ValueError(f"`{name}` must have the samples along its first axis, got an array without axes (shape ()).")
    dtype = dtype_in_batch(array, name)
    if not name.startswith("x"):
        check_no_text(dtype, name)
    return np.ascontiguousarray(array, dtype)


def _check_samples(x, y, sample_weight):
    if type(x) is np.ndarray and type(y) is np.ndarray and sample_weight is None and len(x) == len(y) > 0:
        return
    parts = ((x, "x"), (y, "y"), (sample_weight, "sample_weight"))
    named_shapes = [(name, leaf.shape) for part, label in parts for name, leaf in structure.leaves(part, label)]
    if not structure.leaves(x, "x"):
        raise ValueError("`x` holds no arrays.")
    if structure.check_same_length(named_shapes) == 0:
        raise ValueError("It has no samples: the first axis of `x` has length 0.")
