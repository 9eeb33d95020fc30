"""Choose the source for what a user passes to `fit`, `evaluate` or `predict`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kerasish import config
from kerasish.models.data.arrays import ArrayData
from kerasish.models.data.columns import is_array_like
from kerasish.models.data.iterables import GeneratorData, IterableData
from kerasish.models.data.py_dataset import PyDatasetData
from kerasish.models.data.source import DataSource
from kerasish.models.data.stored_rows import columns_of
from kerasish.models.data.weights import LabelWeights, check_class_weight
from kerasish.scalars import positive_integer
from kerasish.typing import Arrays
from kerasish.utils.py_dataset import PyDataset

if TYPE_CHECKING:
    import numpy as np


def make_data(
    x: Arrays,
    y: Arrays = None,
    sample_weight: Arrays = None,
    batch_size: int | None = None,
    steps_per_epoch: int | None = None,
    shuffle: bool = False,
    class_weight: Mapping[int, float] | None = None,
    rng: np.random.Generator | None = None,
    initial_epoch: int = 0,
    labels: bool = False,
    limited: bool = False,
) -> Any:
    """The source of batches for `x`, by its type.

    Args:
        x: arrays, nested lists, tuples and dicts of arrays, lists of numbers, data frames, sparse matrices, data sets
            of Hugging Face's library (a dict of their columns); or a PyDataset, a generator, or any object that yields
            batches when iterated over. As in Keras, a list or tuple is a structure of inputs, never a list of batches.
            A DataSource is returned as it is.
        y: targets, with arrays only; other kinds of `x` yield them along.
        sample_weight: weights, with arrays only.
        batch_size: for arrays; other kinds of `x` come in batches already, and it is ignored.
        steps_per_epoch: batches an epoch, or None for one pass over the data.
        shuffle: for arrays True, False or "batch"; for a PyDataset whether the order of its batches is random; ignored
            for others.
        class_weight: dict from class number to weight; classes that it does not name weigh 1.
        rng: numpy.random.Generator that seeds the shuffling; None seeds from Python's `random`.
        labels: whether targets of any shape are class numbers, as sparse losses have them.
        initial_epoch: number of epochs done before, so that a resumed training shuffles as an uninterrupted one does.
        limited: whether `keras.config.max_steps_per_epoch()` holds for an epoch of it.

    Returns:
        A DataSource (`ArrayData`, `PyDatasetData`, `GeneratorData`, `IterableData`).

    Raises:
        ValueError: for data that do not fit; nothing has been changed then, but a generator has lost its first batch if
            that is bad.

    Example:
        >>> import numpy as np
        >>> from kerasish.models.data import make_data
        >>> source = make_data(np.arange(5), np.arange(5) % 2, batch_size=3)
        >>> source.num_batches
        2
        >>> for x, y, sample_weight in source.epoch(): print(x, y, sample_weight)
        [0 1 2] [0 1 0] None
        [3 4] [1 0] None
    """
    if isinstance(x, DataSource):
        return x
    arguments = (batch_size, steps_per_epoch, shuffle, class_weight, rng, initial_epoch, labels)
    source = _source(x, y, sample_weight, *arguments)
    most = config.max_steps_per_epoch() if limited else None
    if most is not None:
        source.limit_steps(most)
    return source


def _source(x, y, sample_weight, batch_size, steps_per_epoch, shuffle, class_weight, rng, initial_epoch, labels):
    if x is None:
        raise ValueError("`x` must be given: arrays, a PyDataset, a generator or another iterable of batches.")
    batch_size = positive_integer(batch_size, "batch_size", optional=True)
    steps_per_epoch = positive_integer(steps_per_epoch, "steps_per_epoch", optional=True)
    check_class_weight(class_weight)
    x = columns_of(x)
    if class_weight is not None and labels:
        class_weight = LabelWeights(class_weight)
    if is_array_like(x) or isinstance(x, (list, tuple, Mapping)):
        return ArrayData(
            x, y, sample_weight, batch_size, steps_per_epoch, _shuffle_mode(shuffle), class_weight, rng, initial_epoch
        )
    kind = "PyDataset" if isinstance(x, PyDataset) else "generator" if hasattr(x, "__next__") else type(x).__name__
    for name, given in (("y", y), ("sample_weight", sample_weight)):
        if given is not None:
            raise ValueError(
                f"`{name}` must not be passed when `x` is a {kind}: let its batches be `(x, y, sample_weight)`."
            )
    if isinstance(x, PyDataset):
        return PyDatasetData(x, steps_per_epoch, shuffle, class_weight, rng, initial_epoch)
    if hasattr(x, "__next__"):
        return GeneratorData(x, steps_per_epoch, class_weight)
    if hasattr(x, "__iter__") and not isinstance(x, (str, bytes)):
        return IterableData(x, steps_per_epoch, class_weight)
    hint = " It is a function: call it, and pass what it returns." if callable(x) else ""
    if any(kind.__module__.startswith("torch.utils.data") for kind in type(x).__mro__):
        hint = " It gives samples: wrap it, `torch.utils.data.DataLoader(x, batch_size=32, shuffle=True)`."
    raise ValueError(
        "`x` must be arrays, a PyDataset, a generator or another iterable of batches, "
        f"got {type(x).__name__}: {x!r:.80}.{hint}"
    )


def _shuffle_mode(shuffle):
    if isinstance(shuffle, str) and shuffle != "batch":
        raise ValueError(f'`shuffle` must be True, False or "batch", got {shuffle!r}.')
    return shuffle
