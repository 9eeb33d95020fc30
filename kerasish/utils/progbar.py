"""A progress bar for loops of one's own."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

from kerasish import config
from kerasish.suggestions import suggesting
from kerasish.utils.console import format_value, say
from kerasish.utils.live_line import live_line
from kerasish.utils.progress_line import progress_line
from kerasish.utils.step_clock import StepClock


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

    @suggesting
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
        self._sums, self._next_drawing = {}, 0.0
        self._clock = StepClock()
        self._line = None

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
            self._take(name, value, max(current - self._clock.seen, 1), is_final=finalize)
        self._clock.count(current)
        if sys.stdout is None or not config.is_interactive_logging_enabled():
            return
        if self._line is None and self.verbose == 1:
            self._line = live_line()
        if finalize:
            self._finish()
        elif self._line is not None and self._clock.read >= self._next_drawing:
            self._line.draw(self._moving())
            self._next_drawing = time.perf_counter() + self.interval

    def add(self, n: int, values: Sequence[tuple[str, Any]] | None = None) -> None:
        """`update` by some steps more.

        Args:
            n: int, the number of steps.
            values: list of (name, value of the last step).
        """
        self.update(self._clock.seen + n, values)

    def _take(self, name, value, steps, is_final):
        averaged = (
            name in self.stateless_metrics if self.stateless_metrics is not None else name not in self.stateful_metrics
        )
        averaged = averaged and not is_final
        total, count = self._sums.get(name, (0.0, 0)) if averaged else (0.0, 0)
        steps = steps if averaged else 1
        self._sums[name] = (total + value * steps, count + steps)

    def _finish(self):
        parts = [self._count(), self._clock.left(self.target), self._clock.step(self.unit_name)]
        plain = " - ".join([*filter(None, parts), *(f"{n}: {format_value(v)}" for n, v in self._values().items())])
        if self._line is not None:
            self._line.close(moving=self._moving(is_last=True), plain=plain)
            self._line.clear()
            self._line = None
        elif self.verbose == 1 or self.verbose == 2 and self.target:
            say(plain)

    def _moving(self, is_last=False):
        seen, total = self._clock.seen, self.target
        return progress_line(
            self._count(),
            seen / total if total else None,
            self._clock.left(total),
            self._clock.step(self.unit_name),
            self._values(),
            self._line.columns,
            self.width,
            is_last,
        )

    def _count(self):
        seen, total = self._clock.seen, self.target
        return f"{seen:>{len(str(total))}}/{total}" if total else f"{seen:>7}/Unknown"

    def _values(self):
        return {name: total / max(count, 1) for name, (total, count) in self._sums.items()}
