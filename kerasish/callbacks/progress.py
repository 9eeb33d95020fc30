"""The progress of one pass over batches: a bar that moves while somebody watches, or a line when it is done."""

from __future__ import annotations

import time

from kerasish.callbacks.bar import Bar
from kerasish.callbacks.plain_logs import plain
from kerasish.typing import Logs
from kerasish.utils.console import format_seconds, format_value, say

REDRAW_SECONDS = 0.2


class Progress:
    """Counts steps, measures their time and shows both.

    Args:
        total: number of steps, None where unknown.
        heading: string before the line, e.g. "Epoch 1/3", or "".
        moving: whether to draw a bar.
    """

    def __init__(self, total: int | None, heading: str = "", moving: bool = True) -> None:
        self.total = total
        self.heading = heading
        self.seen = 0
        self._started = self._last = time.perf_counter()
        self._first = None
        self._next_drawing = self._started + REDRAW_SECONDS
        self._shown = ""
        self._bar = Bar(total) if moving else None

    def step(self, seen: int, logs: Logs = None) -> None:
        """`seen` steps are done. `logs` are looked at only when the bar is drawn, a few times a second."""
        now = self._last = time.perf_counter()
        self.seen = seen
        if self._first is None:
            self._first = (seen, now)
        if self._bar is not None and now >= self._next_drawing:
            self._shown = format_logs(logs)
            self.show()
            self._next_drawing = time.perf_counter() + REDRAW_SECONDS

    def show(self) -> None:
        """Bring the count of the bar up to date, without new logs."""
        if self._bar is not None:
            self._bar.draw(self.seen, f"{self._step_time()}{self._shown}")

    def finish(self, logs: Logs = None) -> None:
        """Draw the bar for the last time, or print the line."""
        seconds = f"{time.perf_counter() - self._started:.0f}s"
        if self._bar is None:
            count = f"{self.seen}/{self.total or self.seen}"
            parts = [self.heading, count, seconds, self._step_time()]
            say(" - ".join(part for part in parts if part) + format_logs(logs))
            return
        self._bar.close(self.seen, f"{seconds} {self._step_time()}{format_logs(logs)}")

    def _step_time(self):
        """Time a step, as text. The first is left out where there are more: it compiles."""
        if not self.seen:
            return ""
        steps, since = self.seen, self._started
        if self.seen > self._first[0]:
            steps, since = self.seen - self._first[0], self._first[1]
        return f"{format_seconds((self._last - since) / steps)}/step"


def format_logs(logs: Logs) -> str:
    """Logs as " - accuracy: 0.5000 - loss: 1.2500e-04", sorted by name; of arrays the mean."""
    return "".join(f" - {name}: {format_value(value)}" for name, value in plain(logs).items())
