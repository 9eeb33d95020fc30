"""PyDataset: batches made by Python code, by index, so that several workers can make them at once."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from typing import Any

from kerasish.scalars import integer_from
from kerasish.suggestions import suggesting

_DEFAULTS = {"workers": 1, "use_multiprocessing": False, "max_queue_size": 10}


def _setting(name, doc):
    """A property kept in `_<name>`, with the default for a subclass that did not call `super().__init__()`."""

    def read(self):
        self._fill_missing_settings()
        return getattr(self, f"_{name}")

    def write(self, value):
        setattr(self, f"_{name}", value)

    return property(read, write, doc=doc)


class PyDataset:
    """Batches by index: subclass it, write `__getitem__` and `__len__`, and pass it to `fit`, `evaluate` or `predict`.

    `self[i]` is the whole batch number i: `(x,)`, `(x, y)` or `(x, y, sample_weight)`, or a dict of inputs.
    `len(self)` is the number of batches of an epoch; a data set without end overrides the property `num_batches` to
    return None instead, and `fit` then needs `steps_per_epoch`. Unlike a generator, every batch comes once an epoch
    whatever the number of workers.

    Going over the data set by hand (`for batch in dataset`) uses no workers.

    Args:
        workers: how many threads or processes make batches while the model trains. 1 (without processes) makes them in
            turn with training, in the same thread.
        use_multiprocessing: processes instead of threads, for Python code that keeps the interpreter busy. Each holds
            its own copy of the data set, new at every epoch. NumPy's and Python's global generators are seeded for each
            batch.
        max_queue_size: how many batches may be made or waiting ahead of training; a bound on memory.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> class Squares(keras.utils.PyDataset):
        ...     def __len__(self):
        ...         return 3
        ...     def __getitem__(self, index):
        ...         x = np.arange(4) + 4 * index
        ...         return x, x**2
        >>> [int(y.sum()) for x, y in Squares(workers=2)]
        [14, 126, 366]
    """

    @suggesting
    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        integer_from(workers, "workers", 0)
        integer_from(max_queue_size, "max_queue_size", 1)
        self._workers = workers
        self._use_multiprocessing = use_multiprocessing
        self._max_queue_size = max_queue_size

    workers = _setting("workers", "How many threads or processes make batches.")
    use_multiprocessing = _setting("use_multiprocessing", "Whether the workers are processes.")
    max_queue_size = _setting("max_queue_size", "How many batches may be ahead of training.")

    def _fill_missing_settings(self):
        missing = [name for name in _DEFAULTS if not hasattr(self, f"_{name}")]
        if not missing:
            return
        for name in missing:
            setattr(self, f"_{name}", _DEFAULTS[name])
        warnings.warn(
            f"{type(self).__name__}.__init__ should call `super().__init__(**kwargs)`, where `kwargs` may hold "
            "`workers`, `use_multiprocessing` and `max_queue_size`. The defaults are used.",
            stacklevel=3,
        )

    def __getitem__(self, index: int) -> Any:
        """The batch number `index`: to be written by the subclass."""
        raise NotImplementedError(f"{type(self).__name__} must define `__getitem__(self, index)`: the batch `index`.")

    @property
    def num_batches(self) -> int:
        """The number of batches of an epoch; None for a data set without end. By default `len(self)`."""
        if not hasattr(self, "__len__"):
            raise NotImplementedError(
                f"{type(self).__name__} must define `__len__(self)`, the number of batches, "
                "or a property `num_batches` that returns None for a data set without end."
            )
        return len(self)

    def __iter__(self) -> Iterator[Any]:
        try:
            count = self.num_batches
        except NotImplementedError:
            count = None
        for index in itertools.count() if count is None else range(count):
            yield self[index]

    def on_epoch_begin(self) -> None:
        """Called before every epoch."""

    def on_epoch_end(self) -> None:
        """Called after every epoch: the place to reshuffle."""


Sequence = PyDataset
