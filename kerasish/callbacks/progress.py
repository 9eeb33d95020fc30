"""The progress of one pass over batches: a line that moves while somebody watches, and one when it is done."""

from __future__ import annotations

import time

from kerasish.callbacks.plain_logs import plain
from kerasish.typing import Logs
from kerasish.utils.console import format_value, say
from kerasish.utils.live_line import NotebookLine, TerminalLine
from kerasish.utils.progress_line import progress_line
from kerasish.utils.step_clock import StepClock

REDRAW_SECONDS = 0.2


class Progress:
    """Counts steps, measures their time and shows both.

    Args:
        total: number of steps, None where unknown.
        heading: string before the line, e.g. "Epoch 1/3", or "".
        line: where the moving line is drawn, or None.
    """

    def __init__(self, total: int | None, heading: str = "", line: TerminalLine | NotebookLine | None = None) -> None:
        self.total = total
        self.heading = heading
        self._clock = StepClock()
        self._next_drawing = self._clock.read + REDRAW_SECONDS
        self._shown = {}
        self._line = line

    @property
    def seen(self) -> int:
        """Steps done."""
        return self._clock.seen

    def step(self, seen: int, logs: Logs = None) -> None:
        """`seen` steps are done. `logs` are looked at only when the line is drawn, a few times a second."""
        self._clock.count(seen)
        if self._line is not None and self._clock.read >= self._next_drawing:
            self._shown = plain(logs)
            self.show()
            self._next_drawing = time.perf_counter() + REDRAW_SECONDS

    def show(self) -> None:
        """Bring the count of the line up to date, without new logs."""
        if self._line is not None:
            self._line.draw(self._moving(self._clock.left(self.total), self._shown))

    def finish(self, logs: Logs = None) -> None:
        """Show for the last time. The number of steps is known by now."""
        self.total = self.total or self.seen
        logs, seconds = plain(logs), f"{self._clock.elapsed:.0f}s"
        parts = [self.heading, f"{self.seen}/{self.total}", seconds, self._clock.step()]
        line = " - ".join([*filter(None, parts), *(f"{name}: {format_value(value)}" for name, value in logs.items())])
        if self._line is None:
            say(line)
        else:
            self._line.close(moving=self._moving(seconds, logs, is_last=True), plain=line)

    def _moving(self, clock, logs, is_last=False):
        count = f"{self.seen:>{len(str(self.total))}}/{self.total}" if self.total else f"{self.seen}/Unknown"
        count = f"{self.heading} {count}".lstrip()
        done = self.seen / self.total if self.total else None
        return progress_line(count, done, clock, self._clock.step(), logs, self._line.columns, is_last=is_last)
