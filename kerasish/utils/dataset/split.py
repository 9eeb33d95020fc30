"""A data set in two parts."""

from __future__ import annotations

import importlib
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish import tree
from kerasish.backend.host_arrays import as_numpy
from kerasish.suggestions import suggesting
from kerasish.typing import DataSet
from kerasish.utils.dataset.batched import BatchedDataset
from kerasish.utils.dataset.other_formats import in_format


@suggesting
def split_dataset(
    dataset: DataSet,
    left_size: float | int | None = None,
    right_size: float | int | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Any, Any]:
    """A data set in two parts, the one to train on and the other to test with.

    Args:
        dataset: an array, or a list, tuple or dict of arrays of the same length; a data set of kerasish; a
            `tf.data.Dataset`; or a data set of PyTorch, with `__len__` and `__getitem__`.
        left_size: share of the samples, from 0 to 1, or their number (int), that go to the left; None: what the right
            leaves.
        right_size: as `left_size`, for the right part.
        shuffle: bool. Whether samples are shuffled first.
        seed: int, of that order.
        preferred_backend: None; "tensorflow" for two of `tf.data`, "torch" for two of PyTorch, where installed.

    Returns:
        `(left, right)`: data sets of kerasish, of single samples (call `.batch(32)`); for a data set of another
        library two of that library.

    Raises:
        ValueError: for impossible sizes, for arrays of different lengths, and for another `preferred_backend`.
        TypeError: for what is no data set.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> x, y = np.arange(10).reshape(5, 2), np.arange(5)
        >>> train, test = keras.utils.split_dataset((x, y), left_size=0.8)
        >>> len(train), len(test)
        (4, 1)
        >>> test[0]
        (array([8, 9]), np.int64(4))
        >>> next(iter(train.batch(2)))[1].tolist()
        [0, 1]
    """
    if preferred_backend not in (None, "tensorflow", "torch"):
        raise ValueError(f'`preferred_backend` must be None, "tensorflow" or "torch", got {preferred_backend!r}.')
    samples, library = _samples(dataset)
    left, right = _sizes(left_size, right_size, samples.num_samples)
    order = list(range(samples.num_samples))
    if shuffle:
        random.Random(seed).shuffle(order)  # as Keras does, so that a seed gives its parts
    halves = order[:left], order[len(order) - right :]
    target = preferred_backend or library
    if target == "torch":
        torch = importlib.import_module("torch.utils.data")
        source = dataset if library == "torch" else _ByNumber(samples)
        return tuple(torch.Subset(source, half) for half in halves)
    parts = tuple(samples.part(half) for half in halves)
    if target == "tensorflow":
        return tuple(in_format(part, "tf") for part in parts)
    return parts


def _samples(dataset):
    """(the samples as a data set of ours, the library that they come from)."""
    if isinstance(dataset, BatchedDataset):
        return dataset.unbatch(), None
    if hasattr(dataset, "element_spec") and hasattr(dataset, "as_numpy_iterator"):
        elements = list(dataset.as_numpy_iterator())
        return BatchedDataset(elements.__getitem__, len(elements), None), "tensorflow"
    if not isinstance(dataset, (list, tuple, dict, np.ndarray, str, bytes)) and hasattr(dataset, "__getitem__"):
        if hasattr(dataset, "__len__") and not hasattr(dataset, "__array__"):
            return BatchedDataset(dataset.__getitem__, len(dataset), None), "torch"
    if isinstance(dataset, (list, tuple, dict)) or hasattr(dataset, "__array__"):
        arrays = tree.map_structure(as_numpy, dataset)
        lengths = {len(array) if array.ndim else None for array in tree.flatten(arrays)}
        if len(lengths) != 1 or None in lengths:
            raise ValueError(
                "`dataset` must hold arrays with the same number of samples along their first axes, got shapes "
                f"{[array.shape for array in tree.flatten(arrays)]}."
            )
        return BatchedDataset(_Rows(arrays), lengths.pop(), None), None
    raise TypeError(
        "`dataset` must be an array, a list, tuple or dict of arrays, or a data set of kerasish, tf.data or PyTorch, "
        f"got {type(dataset).__name__}."
    )


class _Rows:
    """The rows of arrays, by number."""

    def __init__(self, arrays):
        self._arrays = tuple(arrays) if isinstance(arrays, list) else arrays

    def __call__(self, index):
        return tree.map_structure(lambda array: array[index], self._arrays)


class _ByNumber:
    """What PyTorch reads: samples by number."""

    def __init__(self, samples):
        self._samples = samples

    def __len__(self):
        return self._samples.num_samples

    def __getitem__(self, index):
        return self._samples[index]


def _sizes(left_size: Any, right_size: Any, total: int) -> Sequence[int]:
    """How many samples go to the left and to the right."""
    if left_size is None and right_size is None:
        raise ValueError("Give `left_size` or `right_size`, or both: both are None.")
    for name, size in (("left_size", left_size), ("right_size", right_size)):
        if size is None:
            continue
        if isinstance(size, bool) or not isinstance(size, (int, float, np.integer, np.floating)):
            raise TypeError(f"`{name}` must be an integer, a float between 0 and 1, or None, got {size!r}.")
        is_share = isinstance(size, (float, np.floating))
        if is_share and not 0 <= size <= 1 or not is_share and not 0 <= size <= total:
            raise ValueError(
                f"`{name}` must be a share from 0 to 1 or a number of samples up to {total}, got {size!r}."
            )
    left = None if left_size is None else _count(left_size, total)
    right = None if right_size is None else _count(right_size, total)
    left = total - right if left is None else left
    right = total - left if right is None else right
    if left + right > total:
        raise ValueError(f"`left_size` and `right_size` ask for {left} + {right} samples, but there are {total}.")
    if not left or not right:
        raise ValueError(
            f"Both parts need a sample: `left_size={left_size!r}` and `right_size={right_size!r}` give {left} and "
            f"{right} of {total}."
        )
    return left, right


def _count(size, total):
    return round(size * total) if isinstance(size, (float, np.floating)) else int(size)
