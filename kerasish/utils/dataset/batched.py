"""Samples read one by one, and handed out in batches, in an order that is new in every epoch."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from kerasish import tree
from kerasish.scalars import positive_integer
from kerasish.utils.py_dataset import PyDataset


class BatchedDataset(PyDataset):
    """Batches of samples that are read when they are needed, for `fit`, `evaluate`, `predict` and `for` loops.

    `dataset[i]` is the batch number i, `len(dataset)` the number of batches. Each epoch, and each `for` loop, brings a
    new order where the data set is shuffled; `fit` leaves that order as it is. The methods below give a new data set
    and read nothing.

    Args:
        read: function of a sample's number that returns the sample: an array, or a tuple of arrays.
        count: how many samples there are.
        batch_size: samples in a batch; None for a data set of single samples.
        shuffle: bool. Whether the order of samples is new in every epoch.
        seed: int, of that order.
        collate: function that makes a batch of a list of samples; None stacks arrays.
        workers: how many threads read batches while a model trains.
        makes_parts: bool. Whether a row of a batch depends on its sample alone: `read` draws nothing, and `collate`
            makes rows of one shape whatever the others are.
    """

    keeps_order = True  # `fit` is not to shuffle its batches

    def __init__(
        self,
        read: Callable[[int], Any],
        count: int,
        batch_size: int | None,
        shuffle: bool = False,
        seed: int | None = None,
        collate: Callable[[list[Any]], Any] | None = None,
        workers: int = 1,
        makes_parts: bool = False,
    ) -> None:
        super().__init__(workers=workers)
        self._read, self._collate, self._makes_parts = read, collate or _stacked, makes_parts
        self._samples = np.arange(count)
        self._batch_size = positive_integer(batch_size, "batch_size", optional=True)
        self._functions: tuple[Callable[..., Any], ...] = ()
        self._first, self._last = 0, None
        self._order_anew(shuffle, seed)

    def _order_anew(self, shuffle, seed):
        self.shuffles = bool(shuffle)
        self._seed = random.getrandbits(32) if seed is None else seed
        self._epochs, self._order = 0, self._samples
        self._shuffle_order()

    def _shuffle_order(self):
        if self.shuffles:
            self._order = np.random.default_rng([self._seed, self._epochs]).permutation(self._samples)
            self._epochs += 1

    @property
    def batch_size(self) -> int | None:
        """Samples in a batch; None where the data set gives single samples."""
        return self._batch_size

    @property
    def num_samples(self) -> int:
        """How many samples there are."""
        return len(self._samples)

    def __len__(self) -> int:
        return len(range(self._all_batches())[self._first : self._last])

    def _all_batches(self):
        return -(-len(self._samples) // (self._batch_size or 1))

    def __getitem__(self, index: int) -> Any:
        numbers = self._numbers(index)
        if self._batch_size is None:
            batch = self._read(int(numbers[0]))
        else:
            batch = self._collate([self._read(int(i)) for i in numbers])
        for function in self._functions:
            batch = function(*batch) if isinstance(batch, tuple) else function(batch)
        return batch

    def _numbers(self, index):
        """Those of the samples in a batch."""
        size = self._batch_size or 1
        start = range(self._all_batches())[self._first : self._last][index] * size
        return self._order[start : start + size]

    def in_parts(self, index: int) -> tuple[Callable[[slice], Any], int] | None:
        """How some rows of a batch are made without the others, for processes that share batches out.

        Args:
            index: int, the batch's number.

        Returns:
            A function of a slice of rows that gives the batch of these, and how many there are in all; None where a
            batch is made as a whole.
        """
        if not self._makes_parts or self._batch_size is None or self._functions:
            return None
        numbers = self._numbers(index)
        return lambda rows: self._collate([self._read(int(i)) for i in numbers[rows]]), len(numbers)

    def __iter__(self) -> Iterator[Any]:
        self._shuffle_order()
        return (self[index] for index in range(len(self)))

    as_numpy_iterator = __iter__

    def on_epoch_begin(self) -> None:
        self._shuffle_order()

    def map(self, map_func: Callable[..., Any], num_parallel_calls: Any = None) -> BatchedDataset:
        """The data set with a function applied to every batch.

        Args:
            map_func: function of the parts of a batch (`x, y`) that returns a batch.
            num_parallel_calls: has no effect; `prefetch` says how much is done ahead.
        """
        return self._with(_functions=(*self._functions, map_func))

    def cache(self) -> BatchedDataset:
        """The data set with its samples kept in memory once they are read; functions of `map` run each time."""
        return self._with(_read=_Kept(self._read))

    def prefetch(self, buffer_size: int | None = None) -> BatchedDataset:
        """The data set, read by a thread at least while a model trains.

        Args:
            buffer_size: how many batches may be ready ahead; None or less than 1: 10.
        """
        ahead = 10 if buffer_size is None or buffer_size < 1 else buffer_size
        return self._with(_workers=max(2, self.workers), _max_queue_size=ahead)

    def shuffle(
        self, buffer_size: int | None = None, seed: int | None = None, reshuffle_each_iteration: bool = True
    ) -> BatchedDataset:
        """The data set in a new order every epoch.

        Args:
            buffer_size: has no effect: all samples are shuffled, and only their numbers are in memory.
            seed: int, of the order.
            reshuffle_each_iteration: bool. Whether the order is new every epoch.
        """
        shuffled = self._with()
        shuffled._order_anew(True, seed)
        shuffled.shuffles = reshuffle_each_iteration
        return shuffled

    def batch(self, batch_size: int) -> BatchedDataset:
        """The data set in batches of another size.

        Args:
            batch_size: samples in a batch.
        """
        return self._rebatched(positive_integer(batch_size, "batch_size", optional=True))

    def unbatch(self) -> BatchedDataset:
        """The data set as single samples."""
        return self._rebatched(None)

    def take(self, count: int) -> BatchedDataset:
        """The first batches.

        Args:
            count: how many.
        """
        last = self._first + count
        return self._with(_last=last if self._last is None else min(last, self._last))

    def skip(self, count: int) -> BatchedDataset:
        """All but the first batches.

        Args:
            count: how many to leave out.
        """
        return self._with(_first=self._first + count)

    def cardinality(self) -> int:
        """The number of batches."""
        return len(self)

    def part(self, samples: Sequence[int]) -> BatchedDataset:
        """The data set of some of the samples.

        Args:
            samples: their numbers.
        """
        chosen = self._with(_samples=np.asarray(samples, "int64"))
        chosen._order_anew(self.shuffles, self._seed)
        return chosen

    def _rebatched(self, batch_size):
        if self._functions or self._first or self._last is not None:
            raise ValueError("The size of batches can't change after `map`, `take` or `skip`: change it before.")
        return self._with(_batch_size=batch_size)

    def _with(self, **changes):
        other = copy.copy(self)
        vars(other).update(changes)
        return other


class _Kept:
    """A function whose results are kept."""

    def __init__(self, function):
        self._function, self._found = function, {}

    def __call__(self, index):
        if index not in self._found:
            self._found[index] = self._function(index)
        return self._found[index]


def _stacked(samples):
    return tree.map_structure(lambda *parts: np.stack(parts), *samples)
