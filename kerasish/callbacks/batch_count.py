"""Every so many batches: what callbacks share that save or write by batches."""

from __future__ import annotations

from typing import Any


class BatchCount:
    """Counts batches on over epochs; with `steps_per_execution` one call stands for several.

    Args:
        every: int, the number of batches after which something is due; None for never.

    Attributes:
        total: batches seen.
    """

    def __init__(self, every: int | None) -> None:
        self.every = every
        self.total = 0
        self._since, self._last = 0, None

    def is_due(self, batch: int) -> bool:
        """Count up to `batch`, a number from 0 in its epoch, and say whether as many have gone by as are waited for."""
        new_epoch = self._last is None or batch <= self._last
        came = batch + 1 if new_epoch else batch - self._last
        self._last = batch
        self.total += came
        self._since += came
        if self.every is None or self._since < self.every:
            return False
        self._since = 0
        return True

    @property
    def state(self) -> list[Any]:
        """Where it is, as plain data; setting it brings it there."""
        return [self.total, self._since, self._last]

    @state.setter
    def state(self, state: list[Any]) -> None:
        self.total, self._since, self._last = state


def check_frequency(name: str, frequency: Any, words: tuple[Any, ...], of: str) -> int | None:
    """The number of batches that a frequency says, or None where it says one of the `words`.

    Args:
        name: the argument, for messages.
        frequency: what was given for it.
        words: what it may be beside a number, e.g. ("epoch",).
        of: class that was given it, for messages.

    Raises:
        ValueError: for anything else.
    """
    if any(frequency is word or isinstance(word, str) and frequency == word for word in words):
        return None
    if isinstance(frequency, bool) or not isinstance(frequency, int) or frequency < 1:
        expected = " or ".join([*(repr(word) for word in words), "a positive int, the number of batches"])
        raise ValueError(f"Unrecognized {name}: {frequency!r}. `{name}` of `{of}` must be {expected}.")
    return frequency
