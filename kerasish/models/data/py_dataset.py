"""Batches from a PyDataset, made in turn or by workers."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import numpy as np

from kerasish.models.data.arrays import Order
from kerasish.models.data.batches import standardize_batch
from kerasish.models.data.parts import PartOfBatch
from kerasish.models.data.source import BegunPasses
from kerasish.models.data.workers import ordered_map, prefetch


class PyDatasetData(BegunPasses):
    """Batches of a `keras.utils.PyDataset`.

    Several workers, or processes, make up to `max_queue_size` batches ahead, each pass with a pool of its own, so that
    what the data set changes between epochs reaches its workers. Their exceptions are raised in the training thread,
    at the batch that they concern; a pass that is closed early cancels what has not begun and waits for what has.

    Args:
        dataset: the PyDataset.
        shuffle: whether every pass takes the batches in a new random order; a data set without end keeps its own, and
            so does one that says `keeps_order`.
        rng, passes_done: as for ArrayData.
    """

    def __init__(
        self,
        dataset: Any,
        steps_per_epoch: int | None = None,
        shuffle: bool = False,
        class_weight: Mapping[int, float] | None = None,
        rng: np.random.Generator | None = None,
        passes_done: int = 0,
    ) -> None:
        super().__init__(steps_per_epoch)
        self._dataset = dataset
        self._name = f"{type(dataset).__name__}.__getitem__"
        self._class_weight = class_weight
        length = dataset.num_batches
        if length is None and steps_per_epoch is None:
            raise ValueError(
                f"{type(dataset).__name__} has no end (`num_batches` is None): pass `steps_per_epoch` (to `fit`) "
                "or `steps` (to `evaluate` and `predict`)."
            )
        if length is not None and length < 1:
            raise ValueError(f"{type(dataset).__name__} has no batches: its length is {length}.")
        self._seeds = Order(rng, passes_done)
        self._shuffle = bool(shuffle) and not getattr(dataset, "keeps_order", False)
        self._epoch_begun = False

    @property
    def batches_per_pass(self) -> Any:
        return self._dataset.num_batches

    def on_epoch_begin(self) -> None:
        if not self._epoch_begun:
            self._epoch_begun = True
            self._dataset.on_epoch_begin()

    def on_epoch_end(self) -> None:
        super().on_epoch_end()
        self._epoch_begun = False
        self._dataset.on_epoch_end()

    def _replay(self, epochs):
        for _ in range(epochs - self._epochs_ended):
            self.on_epoch_begin()
            self.on_epoch_end()

    def description(self) -> dict[str, Any]:
        dataset = self._dataset
        return {**super().description(), "name": type(dataset).__name__, "batches": dataset.num_batches}

    def position(self, step: int) -> dict[str, Any]:
        found = super().position(step)
        is_under_way = self._draws_orders and bool(found["taken"] or self._begun)
        return {**found, "order": self._seeds.position(is_under_way)}

    def go_to(self, position: Mapping[str, Any]) -> None:
        super().go_to(position)
        self._seeds.go_to(position["order"])

    @property
    def _draws_orders(self):
        """Whether a pass takes a generator of random numbers."""
        return self._shuffle or self._made_elsewhere

    @property
    def _made_elsewhere(self):
        return self._dataset.use_multiprocessing and self._dataset.workers > 0

    def peek(self) -> Any:
        self.on_epoch_begin()  # what it prepares, the first batch needs already
        return super().peek()

    def _new_pass(self) -> Any:
        dataset = self._dataset
        generator = self._seeds.next_pass() if self._draws_orders else None
        length = dataset.num_batches
        if length is None:
            indices = itertools.count()
        else:
            indices = generator.permutation(length).tolist() if self._shuffle else range(length)
        indices = itertools.islice(indices, self._skipped(), None)
        if self._made_elsewhere:
            return self._made_by_processes(indices, int(generator.integers(2**31)))
        if dataset.workers > 1:
            return self._made_by_threads(indices)
        return (self._make(index) for index in indices)

    def _standardize(self, data):
        return standardize_batch(data, self._name, self._class_weight)

    def _make(self, index):
        parts = None if self.share_of is None else getattr(self._dataset, "in_parts", _whole)(index)
        if parts is None:
            return self._standardize(self._dataset[index])
        make, total = parts
        return PartOfBatch.made(lambda rows: self._standardize(make(rows)), total, self.share_of(total))

    def _made_by_threads(self, indices):
        from concurrent.futures import ThreadPoolExecutor  # start-up time: most data come as arrays

        executor = ThreadPoolExecutor(self._dataset.workers, thread_name_prefix="kerasish-data")
        yield from ordered_map(executor, self._make, indices, self._dataset.max_queue_size)

    def _made_by_processes(self, indices, seed):
        from concurrent.futures import ProcessPoolExecutor  # start-up time: it loads multiprocessing

        dataset = self._dataset
        executor = ProcessPoolExecutor(dataset.workers, initializer=_start_worker, initargs=(dataset, seed))
        # The first call starts the processes. It is made here, between two training steps: a fork from the thread below
        # would copy whatever locks the step holds at that moment.
        executor.submit(_ready)
        batches = ordered_map(executor, _make_in_worker, indices, dataset.max_queue_size)
        # A process sends its batch as it is; a thread brings it into form while the model trains.
        yield from prefetch(self._standardize_all(batches))

    def _standardize_all(self, batches):
        from concurrent.futures.process import BrokenProcessPool  # start-up time: it loads multiprocessing

        try:
            with closing(batches):
                for data in batches:
                    yield self._standardize(data)
        except BrokenProcessPool as error:
            raise RuntimeError(
                f"A worker process of {type(self._dataset).__name__} died: killed, out of memory, or unable to "
                "unpickle the data set (where processes are not forked, its class must be importable from a module). "
                "What it printed tells. Threads need no pickling: `use_multiprocessing=False`."
            ) from error


def _whole(index):
    """What a data set says of the parts of a batch that can only make all of it."""


def _ready():
    """What a new process is asked first."""


# What a worker process works on; set in the worker only.
_worker_dataset = None
_worker_seed = 0


def _start_worker(dataset, seed):
    global _worker_dataset, _worker_seed
    _worker_dataset, _worker_seed = dataset, seed


def _make_in_worker(index):
    # Forked workers would all draw the same random numbers; seeded by batch, what they draw does not depend on which
    # worker gets which batch either.
    random.seed(f"{_worker_seed}/{index}")
    np.random.seed(random.getrandbits(32))
    return _worker_dataset[index]
