"""A progress bar for loops of one's own."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Sequence
from typing import Any

from kerasish import config
from kerasish.utils.console import format_seconds, format_value, is_watched


class Progbar:
    """Shows how far a loop is, with averages of numbers; at its end the last ones, as in Keras.

    Args:
        target: number of steps, None where unknown.
        width: int, of the bar, in characters.
        verbose: 1: a line that is drawn over (on a terminal or in a notebook; elsewhere one line at the end), 2: one
            line at the end where a `target` is known, 0: nothing.
        interval: seconds between two drawings at least.
        stateful_metrics: names of values that are shown as they come; all others are averaged.
        stateless_metrics: the other way round; not both.
        unit_name: what a step is called.

    Raises:
        ValueError: where both lists of names are given.

    Example:
        >>> import kerasish as keras
        >>> bar = keras.utils.Progbar(2, verbose=2)
        >>> bar.add(1, [("loss", 1.0)])
        >>> bar.update(2, [("loss", 2.0)])  # doctest: +ELLIPSIS
        2/2 - 0s - ...s/step - loss: 2.0000
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Sequence[str] | None = None,
        stateless_metrics: Sequence[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ValueError(
                "Only one of `stateful_metrics` (all others are averaged) and `stateless_metrics` (all others are "
                "not) can be given."
            )
        self.target, self.width, self.verbose, self.interval, self.unit_name = (
            target,
            width,
            verbose,
            interval,
            unit_name,
        )
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        self.stateful_metrics = set(stateful_metrics or ()) if stateless_metrics is None else None
        self._sums, self._seen, self._drawn, self._last = {}, 0, 0, 0.0
        self._start = time.time()
        self._first = None

    def update(
        self, current: int, values: Sequence[tuple[str, Any]] | None = None, finalize: bool | None = None
    ) -> None:
        """Show that `current` steps are done.

        Args:
            current: int, number of steps done.
            values: list of (name, value of the last step).
            finalize: whether this is the end, whose values are shown as they come; None: when `target` is reached.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        for name, value in values or ():
            self._take(name, value, max(current - self._seen, 1), is_final=finalize)
        self._seen, now = current, time.time()
        if self._first is None and current:
            self._first = (current, now)
        watched = self.verbose == 1 and is_watched()
        if finalize and (self.verbose == 1 or self.verbose == 2 and self.target):
            self._write(self._line(now, moving=watched), over=watched, end="\n")
        elif watched and now - self._last >= self.interval:
            self._write(self._line(now, moving=True), over=True, end="")

    def add(self, n: int, values: Sequence[tuple[str, Any]] | None = None) -> None:
        """`update` by some steps more.

        Args:
            n: int, the number of steps.
            values: list of (name, value of the last step).
        """
        self.update(self._seen + n, values)

    def _take(self, name, value, steps, is_final):
        averaged = (
            name in self.stateless_metrics if self.stateless_metrics is not None else name not in self.stateful_metrics
        )
        averaged = averaged and not is_final
        total, count = self._sums.get(name, (0.0, 0)) if averaged else (0.0, 0)
        steps = steps if averaged else 1
        self._sums[name] = (total + value * steps, count + steps)

    def _line(self, now, moving):
        done = f"{self._seen:>{len(str(self.target))}}/{self.target}" if self.target else f"{self._seen:>7}/Unknown"
        if moving and self.target:
            filled = int(self.width * min(self._seen / self.target, 1.0))
            done += f" {'━' * filled}{'─' * (self.width - filled)}"
        step = self._step_seconds(now)
        left = step * (self.target - self._seen) if self.target and self._seen < self.target else now - self._start
        parts = [done, f"{_clock(left)}", f"{format_seconds(step)}/{self.unit_name}"]
        parts += [f"{name}: {format_value(total / max(count, 1))}" for name, (total, count) in self._sums.items()]
        return " - ".join(parts)

    def _step_seconds(self, now):
        """Seconds a step; without the first, which may compile."""
        if not self._seen:
            return 0.0
        count, started = self._first if self._seen > self._first[0] else (0, self._start)
        return (now - started) / (self._seen - count)

    def _write(self, text, over, end):
        self._last = time.time()
        if over:
            columns = shutil.get_terminal_size().columns or 80
            text = text if end else text[: columns - 1]
            blank = " " * max(0, self._drawn - len(text))
            self._drawn = len(text)
            text = f"\r{text}{blank}"
        if sys.stdout is not None and config.is_interactive_logging_enabled():
            print(text, end=end, flush=True)


def _clock(seconds):
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"
    return f"{whole // 60}:{whole % 60:02}" if whole > 60 else f"{seconds:.0f}s"
