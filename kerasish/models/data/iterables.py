"""Batches from Python generators, and from objects that can be iterated over again and again."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from kerasish.models.data.batches import standardize_batch
from kerasish.models.data.source import BegunPasses, DataSource
from kerasish.utils.random_state import random_state, set_random_state

_NEEDED = "it must yield at least one batch"


class GeneratorData(DataSource):
    """Batches from a generator (or any iterator), which can be gone through once.

    Every epoch takes up where the last ended.

    When the generator ends early, one warning says how many batches were expected and came, and `has_more()` is False.

    Args:
        generator: yields `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`. Nothing is taken from it before the first
            epoch, but by `peek()`, whose batch is handed out all the same.
        steps_per_epoch: batches an epoch; a generator without end needs it. None: an epoch lasts until the generator
            ends.
    """

    def __init__(
        self, generator: Any, steps_per_epoch: int | None = None, class_weight: Mapping[int, float] | None = None
    ) -> None:
        super().__init__(steps_per_epoch)
        self._generator = iter(generator)
        self._class_weight = class_weight
        self._waiting = []
        self._came = 0

    def position(self, step: int) -> dict[str, Any]:
        return {**super().position(step), "came": self._came}

    def go_to(self, position: Mapping[str, Any]) -> None:
        """Take out of the generator what was taken, which brings it, and what it draws from, to where it was."""
        super().go_to(position)
        while self._came < position["came"]:
            if self._waiting:
                self._waiting.pop()
            elif next(self._generator, self) is self:
                raise ValueError(
                    f"The generator in `x` ends after {self._came} batches, but the training that is gone on with took "
                    f"{position['came']} of it: pass a fresh one that yields the same."
                )
            self._came += 1

    def peek(self) -> Any:
        if not self._fetch():
            taken = f"used up: all its {self._came} batches were taken" if self._came else f"empty: {_NEEDED}"
            raise ValueError(f"The generator in `x` is {taken}.")
        return self._waiting[0]

    def has_more(self) -> bool:
        # One that never gave anything is refused where its first batch is wanted.
        if self._fetch() or not self._came:
            return True
        self._warn(f"{self._came} batches came in all")
        return False

    def epoch(self) -> Iterator[Any]:
        first_step, self._first_step = self._first_step, 0
        steps = itertools.count() if self.steps_per_epoch is None else range(first_step, self.steps_per_epoch)
        for step in steps:
            if not self._fetch():
                if not self._came:
                    raise ValueError(f"The generator in `x` is empty: {_NEEDED}.")
                if self.steps_per_epoch is not None and not self._limited:
                    self._warn(f"{self.steps_per_epoch} batches were expected in this epoch, {step} came")
                return
            self._came += 1
            yield self._waiting.pop()

    one_pass = epoch

    def _fetch(self):
        """Have a batch waiting; False when the generator has ended."""
        if self._waiting:
            return True
        for data in self._generator:
            self._waiting.append(standardize_batch(data, "The generator in `x`", self._class_weight))
            return True
        self.used_up = self._came > 0
        return False

    def _warn(self, count):
        if not self._warned:
            self._warned = True
            warnings.warn(
                f"The generator ran out of data: {count}. It ends here, and what was done so far is kept. To go over "
                "the data again in every epoch, let the generator loop forever and pass `steps_per_epoch`, or pass a "
                "PyDataset.",
                stacklevel=4,
            )


class IterableData(BegunPasses):
    """Batches from an object whose `__iter__` starts anew: a torch DataLoader, a tf.data.Dataset, a class of your own.

    Args:
        iterable: yields `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`. `len(iterable)`, where it has one, is the
            number of batches; else it is known after the first pass.
    """

    def __init__(
        self, iterable: Any, steps_per_epoch: int | None = None, class_weight: Mapping[int, float] | None = None
    ) -> None:
        super().__init__(steps_per_epoch)
        self._iterable = iterable
        self._name = f"The {type(iterable).__name__} in `x`"
        self._class_weight = class_weight
        self._length = _length(iterable)
        self._came = 0
        self._began_with = None  # the state of all random generators at the beginning of the pass

    @property
    def batches_per_pass(self) -> Any:
        return self._length

    def has_more(self) -> bool:
        # The first pass says itself that it is empty.
        if self._running is not None or self._begin() or not self._came:
            return True
        if not self._warned:
            self._warned = True
            warnings.warn(
                f"{self._name} gave no batches when it was iterated over again. It ends here, and what was done so "
                "far is kept. Let its `__iter__` start anew each time.",
                stacklevel=3,
            )
        return False

    def description(self) -> dict[str, Any]:
        return {**super().description(), "name": type(self._iterable).__name__}

    def position(self, step: int) -> dict[str, Any]:
        found = {**super().position(step), "came": self._came, "length": self._length}
        return {**found, "began_with": self._began_with if found["taken"] else None}

    def go_to(self, position: Mapping[str, Any]) -> None:
        super().go_to(position)
        self._came, self._length, self._began_with = position["came"], position["length"], position["began_with"]

    def _new_pass(self):
        count = self._skipped()
        batches = self._begun_again(count) if count else self._begun_anew()
        for data in batches:
            batch = standardize_batch(data, self._name, self._class_weight)
            count, self._came = count + 1, self._came + 1
            yield batch
        self._length = count

    def _begun_anew(self):
        self._began_with = random_state()
        return iter(self._iterable)

    def _begun_again(self, skip):
        """A pass that another process began, behind its first batches: it draws what that one drew."""
        now = random_state()
        set_random_state(self._began_with)
        batches = iter(self._iterable)
        for _ in itertools.islice(batches, skip):
            pass
        set_random_state(now)
        return batches


def _length(iterable):
    try:
        length = len(iterable)
    except TypeError:
        return None
    # tf.data gives a negative number for a data set whose length is unknown or infinite.
    return length if length > 0 else None
