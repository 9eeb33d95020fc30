"""Batches cut from arrays."""

from __future__ import annotations

import itertools
import math
import random
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasish import tree
from kerasish.models.data import structure, weights
from kerasish.models.data.columns import ArrayRows, as_rows, check_no_text
from kerasish.models.data.gather import gathered
from kerasish.models.data.source import DataSource
from kerasish.typing import Arrays

_DEFAULT_BATCH_SIZE = 32
_ROWS_AT_ONCE = 65536
_WINDOW_BYTES = 1 << 26  # of what lies in files: so much is read at once, and shuffled within
_ROWS_LOOKED_AT = 64  # to know data again


class Order:
    """Random orders, one a pass, that depend only on the seed and on the number of the pass.

    So a training that is resumed with `initial_epoch=3` sees the order that its fourth epoch would have had.
    """

    def __init__(self, rng: np.random.Generator | None, passes_done: Any) -> None:
        self._rng = rng
        self._seed = None
        self._passes = passes_done

    def next_pass(self) -> Any:
        """The numpy.random.Generator of the next pass."""
        if self._seed is None:
            # Drawn at first use: a source that does not shuffle leaves the user's generators alone.
            self._seed = random.getrandbits(63) if self._rng is None else int(self._rng.integers(2**63))
        generator = np.random.default_rng((self._seed, self._passes))
        self._passes += 1
        return generator

    def position(self, is_under_way: bool) -> list[Any]:
        """What `go_to` takes to give the generator of the pass that is under way again, else of the next one."""
        return [self._seed, self._passes - is_under_way]

    def go_to(self, position: Sequence[Any]) -> None:
        """Be where another Order was."""
        self._seed, self._passes = position


class ArrayData(DataSource):
    """Batches of rows of arrays, of nested lists, tuples and dicts of arrays, data frames and sparse matrices.

    Arrays are never copied as a whole: an unshuffled batch of float32 data is a view, a shuffled one is gathered,
    other floats are cast a batch at a time, and memory-mapped arrays stay on disk. Large batches are gathered on a
    thread while the one before is trained on (see `gather.py`).

    Args:
        x, y, sample_weight: nested structures; every array with the samples along its first axis. 1-D arrays stay 1-D.
        batch_size: samples a batch; None takes what makes `steps_per_epoch` batches, or 32. The last batch may be
            smaller.
        shuffle: True draws a new order of all samples for every pass; of data on disk that exceed 64 MB it draws an
            order of stretches of that size, and one within each. "batch" shuffles within each batch only.
        class_weight: dict from class number to weight; becomes the sample weights.
        rng: numpy.random.Generator that seeds the orders; None seeds from Python's `random`, which
            `keras.utils.set_random_seed` sets.
        passes_done: number of passes to count as done (see `Order`).
    """

    peeks_freely = True

    def __init__(
        self,
        x: Arrays,
        y: Arrays = None,
        sample_weight: Arrays = None,
        batch_size: int | None = None,
        steps_per_epoch: int | None = None,
        shuffle: bool = False,
        class_weight: Mapping[int, float] | None = None,
        rng: np.random.Generator | None = None,
        passes_done: int = 0,
    ) -> None:
        super().__init__(steps_per_epoch)
        x, y = structure.settle(x, "x"), structure.settle(y, "y")
        sample_weight = weights.spread_sample_weight(y, structure.settle(sample_weight, "sample_weight"))
        columns = structure.leaves(x, "x")
        if not columns:
            raise ValueError(f"`x` holds no arrays, got {x!r}.")
        inputs = len(columns)
        columns += structure.leaves(y, "y")
        rows = [as_rows(leaf, name) for name, leaf in columns]
        for (name, _), column in zip(columns[inputs:], rows[inputs:]):
            check_no_text(column.dtype, name)
        if class_weight is not None:
            _check_use_of_class_weight(y, sample_weight)
            # Compared before the weights are made from `y`, so that the message speaks of `y`.
            structure.check_same_length([(name, column.shape) for (name, _), column in zip(columns, rows)])
            sample_weight = ArrayRows(_class_weights(rows[-1], class_weight), "sample_weight")
        weight_columns = structure.leaves(sample_weight, "sample_weight")
        for name, leaf in weight_columns:
            rows.append(as_rows(leaf, name))
            check_no_text(rows[-1].dtype, name)
        named_shapes = [(name, column.shape) for (name, _), column in zip(columns + weight_columns, rows)]
        self.num_samples = structure.check_same_length(named_shapes)
        if self.num_samples == 0:
            raise ValueError("`x` has no samples: its first axis has length 0.")

        if batch_size is None:
            batch_size = -(-self.num_samples // steps_per_epoch) if steps_per_epoch else _DEFAULT_BATCH_SIZE
        self.batch_size = batch_size
        self._rows = rows
        self._pack = _packer(x, y, sample_weight)
        self._shuffle = shuffle
        self._order = Order(rng, passes_done)

    @property
    def batches_per_pass(self) -> Any:
        return -(-self.num_samples // self.batch_size)

    def peek(self) -> Any:
        rows, where = self._rows, slice(0, min(self.batch_size, self.num_samples))
        return self._pack([(column.read if column.copies else column.view)(where) for column in rows])

    def description(self) -> dict[str, Any]:
        return {**super().description(), "shuffle": self._shuffle, "rows": self._some_rows()}

    def _some_rows(self):
        """A checksum of rows from all over the data."""
        found = 0
        for start in sorted({self.num_samples * part // _ROWS_LOOKED_AT for part in range(_ROWS_LOOKED_AT)}):
            for column in self._rows:
                row = np.ascontiguousarray(column.read(slice(start, start + 1)))
                found = zlib.crc32(repr(row.tolist()).encode() if row.dtype.kind == "O" else row.tobytes(), found)
        return found

    def position(self, step: int) -> dict[str, Any]:
        found = super().position(step)
        return {**found, "order": self._order.position(bool(self._shuffle and found["taken"]))}

    def go_to(self, position: Mapping[str, Any]) -> None:
        super().go_to(position)
        self._order.go_to(position["order"])

    def one_pass(self) -> Any:
        generator = self._order.next_pass() if self._shuffle else None
        if self._shuffle and self._shuffle != "batch" and any(column.slow for column in self._rows):
            places = _places_by_windows(self._rows, self.batch_size, generator)
        else:
            places = _places(self.num_samples, self.batch_size, self._shuffle, generator)
        places = itertools.islice(places, self._skipped(), None)
        size = min(self.batch_size, self.num_samples)
        shuffled = bool(self._shuffle)
        return gathered(self._rows, self._pack, places, size, shuffled, self.reuse_memory, self.share_of)


def _packer(*structures):
    """A function from a list of columns to one structure of them after another, as a tuple."""
    numbers = itertools.count()
    pack_x, pack_y, pack_weight = [structure.packer(data, numbers) for data in structures]
    return lambda columns: (pack_x(columns), pack_y(columns), pack_weight(columns))


def _places(samples, size, shuffle, generator):
    """The rows of each batch: slices, or index arrays where `shuffle`."""
    permutation = generator.permutation(samples) if shuffle and shuffle != "batch" else None
    for start in range(0, samples, size):
        stop = min(start + size, samples)
        if not shuffle:
            yield slice(start, stop)
        elif permutation is not None:
            yield permutation[start:stop]
        else:
            yield start + generator.permutation(stop - start)


def _places_by_windows(rows, size, generator):
    """The rows of each batch where some columns lie in files: these are read in stretches, in random order.

    What fits one window is shuffled as arrays in memory are.
    """
    samples = rows[0].shape[0]
    width = sum(math.prod(column.shape[1:]) * column.dtype.itemsize for column in rows if column.slow)
    window = size * max(1, _WINDOW_BYTES // max(1, width * size))
    starts = np.arange(0, samples, window)
    for start in generator.permutation(starts) if len(starts) > 1 else starts:
        stop = min(start + window, samples)
        for column in rows:
            if column.slow:
                column.hold(start, stop)
        for places in _places(stop - start, size, True, generator):
            yield start + places


def _check_use_of_class_weight(y, sample_weight):
    if y is None:
        raise ValueError("`class_weight` needs targets: pass `y`.")
    if tree.is_nested(y):
        raise ValueError("`class_weight` works for models with a single output, but `y` is a structure of arrays.")
    if sample_weight is not None:
        weights.refuse_both_weights()


def _class_weights(rows, class_weight):
    """The weights of all samples; targets that lie on disk are read piece by piece."""
    samples = rows.shape[0]
    spans = [slice(start, min(start + _ROWS_AT_ONCE, samples)) for start in range(0, samples, _ROWS_AT_ONCE)]
    parts = [weights.class_weights_of(rows.read(span), class_weight) for span in spans or [slice(0, 0)]]
    return np.concatenate(parts)
