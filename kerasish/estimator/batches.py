"""Batches from whatever an input function returns."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from kerasish import tree


def accepted(function: Callable[..., Any], **offered: Any) -> dict[str, Any]:
    """Those of the arguments that a function takes.

    Args:
        function: a user's.
        **offered: arguments by name.
    """
    parameters = inspect.signature(function).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return offered
    names = {parameter.name for parameter in parameters}
    return {name: value for name, value in offered.items() if name in names}


def batches_of(input_fn: Callable[..., Any], has_labels: bool, **offered: Any) -> Iterator[tuple[Any, Any]]:
    """The (features, labels) that an input function gives, as NumPy arrays.

    Args:
        input_fn: function that returns arrays (one batch, for ever), an iterable of batches (generator, data set of
            another library, `kerasish.data` reader, `PyDataset`), or a function that returns one of these.
        has_labels: whether labels are asked for; else they are left out.
        **offered: `mode`, `params`, `config`, given where the function takes them.

    Raises:
        TypeError: where `input_fn` is no function.
        ValueError: for batches without the labels that are asked for.
    """
    if not callable(input_fn):
        raise TypeError(f"`input_fn` must be a function that returns data, got {type(input_fn).__name__}.")
    source = input_fn(**accepted(input_fn, **offered))
    if callable(source) and not hasattr(source, "__iter__") and not hasattr(source, "__getitem__"):
        source = source()
    for batch in _iterated(source):
        features, labels = batch if isinstance(batch, (tuple, list)) and len(batch) == 2 else (batch, None)
        if has_labels and labels is None:
            raise ValueError(
                f"`input_fn` must give pairs (features, labels) to train and evaluate, got {type(batch).__name__}: "
                f"{batch!r:.80}."
            )
        labels = labels if has_labels else None
        yield tree.map_structure(_array, features), None if labels is None else tree.map_structure(_array, labels)


def _iterated(source):
    """Batches, of arrays the same one again and again."""
    if isinstance(source, tuple) and len(source) == 2 and _is_batch(source[0]):
        while True:
            yield source
    if _is_batch(source):
        while True:
            yield source
    if hasattr(source, "__iter__"):
        yield from source
    elif hasattr(source, "__getitem__") and hasattr(source, "__len__"):  # a PyDataset
        yield from (source[place] for place in range(len(source)))
    else:
        raise TypeError(
            "`input_fn` must return (features, labels) of arrays, or an iterable of such batches, got "
            f"{type(source).__name__}."
        )


def _is_batch(part):
    if isinstance(part, Mapping):
        return True
    return hasattr(part, "shape") and hasattr(part, "dtype")


def _array(value):
    """A NumPy array, of another library's tensor too; padded where it is ragged or sparse."""
    if hasattr(value, "to_tensor") and hasattr(value, "row_splits"):  # a ragged tensor of TensorFlow's
        value = value.to_tensor(default_value="" if "string" in str(value.dtype) else -1)
    elif hasattr(value, "dense_shape") and hasattr(value, "indices"):  # a sparse one
        dense = np.full(np.asarray(value.dense_shape), "" if "string" in str(value.dtype) else -1, object)
        dense[tuple(np.asarray(value.indices).T)] = np.asarray(value.values)
        value = dense if "string" in str(value.dtype) else dense.astype(value.dtype.as_numpy_dtype)
    array = np.asarray(value.numpy() if hasattr(value, "numpy") else value)
    if array.dtype.kind == "O" and array.size:
        texts = [item.decode("utf-8", "replace") if isinstance(item, bytes) else item for item in array.ravel()]
        if all(isinstance(item, str) for item in texts):
            return np.array(texts, str).reshape(array.shape)
    if array.dtype.kind == "S":
        return np.char.decode(array, "utf-8", "replace")
    return array.astype(np.float32) if array.dtype == np.float64 else array
