"""ProfilerHook."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from kerasish.estimator.hooks.session_run_hook import (
    SessionRunContext,
    SessionRunHook,
    SessionRunValues,
    Timer,
    checked_every,
)
from kerasish.typing import PathLike


class ProfilerHook(SessionRunHook):
    """Writes how long steps took, as a timeline that Chrome's `chrome://tracing` shows, every so often.

    What a step itself consists of is said by `model.explain()`.

    Args:
        save_steps: int, steps between two files.
        save_secs: float, seconds between two files.
        output_dir: path of the folder of the files "timeline-STEP.json".

    Raises:
        ValueError: unless exactly one of the two intervals is given.

    Example:
        >>> import tempfile
        >>> from kerasish import estimator
        >>> hook = estimator.ProfilerHook(save_steps=100, output_dir=tempfile.mkdtemp())
    """

    def __init__(
        self, save_steps: int | None = None, save_secs: float | None = None, output_dir: PathLike = ""
    ) -> None:
        checked_every(save_steps, save_secs, ("save_steps", "save_secs"))
        self._every, self._folder = (save_steps, save_secs), output_dir

    def begin(self) -> None:
        self._timer, self._spans = Timer(*self._every, time.monotonic), []

    def before_run(self, run_context: SessionRunContext) -> None:
        self._started = time.perf_counter_ns()

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        step, ended = run_context.session.global_step, time.perf_counter_ns()
        span = {"name": f"step {step}", "ph": "X", "ts": self._started / 1e3, "dur": (ended - self._started) / 1e3}
        self._spans.append({**span, "pid": os.getpid(), "tid": 0})
        if self._timer.is_due(step):
            self._timer.done(step)
            self._write(step)

    def end(self, session: Any) -> None:
        if self._spans:
            self._write(session.global_step)

    def _write(self, step):
        os.makedirs(self._folder or ".", exist_ok=True)
        with open(os.path.join(self._folder, f"timeline-{step}.json"), "w", encoding="utf-8") as file:
            json.dump({"traceEvents": self._spans}, file)
        self._spans = []
