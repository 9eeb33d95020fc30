"""StepCounterHook."""

from __future__ import annotations

import logging
import time
from typing import Any

from kerasish.estimator.hooks.session_run_hook import (
    SessionRunContext,
    SessionRunHook,
    SessionRunValues,
    Timer,
    checked_every,
)


class StepCounterHook(SessionRunHook):
    """Writes how many steps a second are taken, to the log and to the events.

    Args:
        every_n_steps: int, steps between two lines.
        every_n_secs: float, seconds between two lines.
        summary_writer: what `keras.summary.create_file_writer` gives; None writes no events.

    Raises:
        ValueError: unless exactly one of the two intervals is given.

    Example:
        >>> from kerasish import estimator
        >>> hook = estimator.StepCounterHook(every_n_steps=10)
    """

    def __init__(
        self, every_n_steps: int | None = 100, every_n_secs: float | None = None, summary_writer: Any = None
    ) -> None:
        checked_every(every_n_steps, every_n_secs, ("every_n_steps", "every_n_secs"))
        self._every, self._writer = (every_n_steps, every_n_secs), summary_writer

    def begin(self) -> None:
        self._timer = Timer(*self._every, time.perf_counter)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        step = run_context.session.global_step
        if not self._timer.is_due(step):
            return
        seconds, steps = self._timer.done(step)
        if seconds and steps:
            rate = steps / seconds
            logging.getLogger("kerasish.estimator").info("global_step/sec: %g", rate)
            if self._writer is not None:
                self._writer.scalars({"global_step/sec": rate}, step)
