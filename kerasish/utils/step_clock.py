"""How long the steps of a loop take."""

from __future__ import annotations

import time

from kerasish.utils.console import format_clock, format_seconds


class StepClock:
    """Counts steps and measures their time. The first is left out where there are more: it may compile.

    Attributes:
        seen: int, steps done.
        read: when the clock was read last, in seconds.
    """

    def __init__(self) -> None:
        self.seen = 0
        self.read = self._started = time.perf_counter()
        self._first = None

    def count(self, seen: int) -> None:
        """`seen` steps are done by now."""
        self.seen, self.read = seen, time.perf_counter()
        if self._first is None and seen:
            self._first = (seen, self.read)

    @property
    def elapsed(self) -> float:
        """Seconds since the loop began."""
        return time.perf_counter() - self._started

    @property
    def step_seconds(self) -> float:
        """Seconds a step, 0 before the first."""
        if not self.seen:
            return 0.0
        count, since = self._first if self.seen > self._first[0] else (0, self._started)
        return (self.read - since) / (self.seen - count)

    def step(self, unit: str = "step") -> str:
        """The time a step as text, "" before the first."""
        return f"{format_seconds(self.step_seconds)}/{unit}" if self.seen else ""

    def left(self, total: int | None) -> str:
        """The time that is left of `total` steps, as text; where that is unknown or over, the time that went by."""
        is_known = total and self.seen < total
        return format_clock(self.step_seconds * (total - self.seen) if is_known else self.elapsed)
