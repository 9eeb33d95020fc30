"""What every source of batches offers to the training loop, and how `steps_per_epoch` cuts it into epochs."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any


class DataSource:
    """Batches `(x, y, sample_weight)` of contiguous NumPy arrays, an epoch at a time.

    A subclass writes `one_pass()`, which iterates over its data once, and `peek()`. Then

    - `num_batches`: batches of an epoch, or None where that is not known beforehand;
    - `batch_size`, `num_samples`: of the whole data set; None where the source does not say;
    - `reuse_memory`: set by a loop that is done with a batch before it asks for the next: the source may then write
      the next into the same memory;
    - `share_of`: set by the loop of several processes that share batches out: function from the rows of a batch (int)
      to the `Share` of this process. A source that can then makes these rows alone, and hands out `PartOfBatch`es;
    - `peeks_freely`: whether `peek()` costs nothing and nobody sees it, as with arrays;
    - `used_up`: whether it is known, without reading, that no batch is left;
    - `has_more()`: whether another epoch can begin; reads ahead where only that tells, and warns (once) where the data
      ran out;
    - `on_epoch_begin()`, `on_epoch_end()`: tell the data set; the loop calls them around every epoch;
    - `epoch()`: an iterator over the batches of the next epoch. Close it when it is left early (`batches.close()`):
      workers then stop;
    - `peek()`: the first batch of the next epoch. It is read once: the epoch hands it out;
    - `reset()`: the next epoch starts at the beginning of the data;
    - `description()`: plain data by which the same data are known again in another process;
    - `position(step)`: where it is, as plain data, after so many batches of an epoch; `go_to(position)` takes an equal
      source there, in another process too.
    - `limit_steps(most)`: no epoch has more batches than that.

    Args:
        steps_per_epoch: end an epoch after so many batches; the next one goes on where it ended. None: an epoch is one
            pass.
    """

    batch_size = None
    num_samples = None
    reuse_memory = False
    share_of: Any = None
    peeks_freely = False
    used_up = False

    def __init__(self, steps_per_epoch: int | None = None) -> None:
        self.steps_per_epoch = steps_per_epoch
        self._running = None
        self._taken = 0
        self._warned = False
        self._first_step = 0  # of the next epoch, where it goes on with one that another process began
        self._skip = 0  # batches that the next pass leaves out for the same reason
        self._epochs_ended = 0
        self._limited = False

    def one_pass(self) -> Any:
        """Iterate over the data once, from the beginning."""
        raise NotImplementedError(f"{type(self).__name__} must define `one_pass(self)`, a generator of batches.")

    def peek(self) -> Any:
        """The first batch, without taking it out."""
        raise NotImplementedError(f"{type(self).__name__} must define `peek(self)`, which returns a batch.")

    @property
    def batches_per_pass(self) -> None:
        """The number of batches in one pass over the data, or None where it is not known."""
        return None

    @property
    def num_batches(self) -> Any:
        return self.steps_per_epoch or self.batches_per_pass

    def limit_steps(self, most: int) -> None:
        """Let no epoch have more than `most` batches; warns where it would have had, or may have."""
        expected = self.num_batches
        if expected is not None and expected <= most:
            return
        warnings.warn(
            f"An epoch is limited to {most} batches, as `keras.config.max_steps_per_epoch()` says "
            "(`set_max_steps_per_epoch`, or the environment variable KERAS_MAX_STEPS_PER_EPOCH).",
            stacklevel=4,
        )
        self.steps_per_epoch = most
        self._limited = expected is None  # nobody promised so many

    def has_more(self) -> bool:
        return True

    def on_epoch_begin(self) -> None:
        """Called by the loop before every epoch."""

    def on_epoch_end(self) -> None:
        """Called by the loop after every epoch."""
        self._epochs_ended += 1

    def epoch(self) -> Any:
        first_step, self._first_step = self._first_step, 0
        return self._steps(first_step) if self.steps_per_epoch else self.one_pass()

    def description(self) -> dict[str, Any]:
        return {
            "kind": type(self).__name__,
            "samples": self.num_samples,
            "batch_size": self.batch_size,
            "steps_per_epoch": self.steps_per_epoch,
        }

    def position(self, step: int) -> dict[str, Any]:
        """Where the source is.

        Args:
            step: batches that the loop has taken in this epoch; 0 between two epochs.

        Returns:
            Dict of plain data, for `go_to`.
        """
        taken = self._taken if self.steps_per_epoch else step
        return {"step": step, "taken": taken, "epochs": self._epochs_ended}

    def go_to(self, position: Mapping[str, Any]) -> None:
        """Let the next epoch hand out what a source of the same data would have that is at `position`.

        Args:
            position: what `position` of that one gave.
        """
        self.reset()
        self._replay(position["epochs"])
        self._first_step, self._skip = position["step"], position["taken"]
        self._taken = self._skip

    def _replay(self, epochs):
        """Tell the data set of the epochs that were."""
        self._epochs_ended = epochs

    def _skipped(self):
        """How many batches the pass that begins leaves out."""
        skip, self._skip = self._skip, 0
        return skip

    def reset(self) -> None:
        running, self._running, self._taken = self._running, None, 0
        if running is not None:
            running.close()

    def _steps(self, first_step):
        """An epoch of `steps_per_epoch` batches, or what is left of it behind the first ones.

        As in Keras, one that reaches the end of the data is cut short, and the next begins a new pass.
        """
        expected = self.steps_per_epoch
        for step in range(first_step, expected):
            if self._running is None and (step == 0 or self._skip):
                self._running = self.one_pass()
            batch = self._next()
            if batch is None and step == 0:
                # The last epoch ended with the data, which a source of unknown length shows only now.
                self._running = self.one_pass()
                batch = self._next()
            if batch is None:
                self._warn_short(expected, step)
                return
            yield batch

    def _next(self):
        batch = None if self._running is None else next(self._running, None)
        self._taken += 1
        # Closed with the last batch where the length is known, so that workers do not wait around for the next epoch.
        if batch is None or self._taken == self.batches_per_pass:
            self.reset()
        return batch

    def _warn_short(self, expected, came):
        if not (self._warned or self._limited):
            self._warned = True
            warnings.warn(
                f"The data ran out: `steps_per_epoch` asks for {expected} batches an epoch, but only {came} came. The "
                "epoch ends early. Provide more data, or a smaller `steps_per_epoch`.",
                stacklevel=4,
            )


class BegunPasses(DataSource):
    """A source that reads each batch once: a pass that `peek` has begun is the one that the epoch goes on with.

    A subclass writes `_new_pass()`, an iterator over its data from the beginning, and `_name`, for messages.
    """

    _begun = None

    def _new_pass(self) -> Iterator[Any]:
        raise NotImplementedError

    def peek(self) -> Any:
        if not self._begin():
            raise ValueError(f"{self._name} is empty: it must give at least one batch.")
        return self._begun[0]

    def one_pass(self) -> Iterator[Any]:
        if self._begun is None:
            yield from self._new_pass()
            return
        (first, batches), self._begun = self._begun, None
        with closing(batches):
            yield first
            yield from batches

    def _begin(self):
        """Have a pass begun, with its first batch at hand; False when there is none."""
        if self._begun is None:
            batches = self._new_pass()
            first = next(batches, None)
            if first is None:
                return False
            self._begun = (first, batches)
        return True

    def reset(self) -> None:
        super().reset()
        begun, self._begun = self._begun, None
        if begun is not None:
            begun[1].close()
