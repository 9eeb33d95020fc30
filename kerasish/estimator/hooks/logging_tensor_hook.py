"""LoggingTensorHook."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kerasish.estimator.hooks.session_run_hook import (
    SessionRunArgs,
    SessionRunContext,
    SessionRunHook,
    SessionRunValues,
    Timer,
    checked_every,
    named_tensors,
)

_log = logging.getLogger("kerasish.estimator")


class LoggingTensorHook(SessionRunHook):
    """Writes values to the log (`logging.getLogger("kerasish.estimator")`, level INFO) every so often.

    Args:
        tensors: list of names ("loss", a prediction's), or dict from the label that is shown to a name or a symbolic
            tensor of the model function's.
        every_n_iter: int, steps between two lines.
        every_n_secs: float, seconds between two lines.
        at_end: bool, whether the last step is written.
        formatter: function from a dict of values to the line's text.

    Raises:
        ValueError: unless exactly one of the two intervals is given.

    Example:
        >>> from kerasish import estimator
        >>> hook = estimator.LoggingTensorHook({"my loss": "loss"}, every_n_iter=50)
    """

    def __init__(
        self,
        tensors: Sequence[str] | Mapping[str, Any],
        every_n_iter: int | None = None,
        every_n_secs: float | None = None,
        at_end: bool = False,
        formatter: Callable[[dict[str, Any]], str] | None = None,
    ) -> None:
        checked_every(every_n_iter, every_n_secs, ("every_n_iter", "every_n_secs"))
        self._shown, self.tensors = named_tensors(tensors)
        self._every, self._at_end, self._formatter = (every_n_iter, every_n_secs), at_end, formatter

    def begin(self) -> None:
        self._timer, self._step, self._last = Timer(*self._every, time.monotonic), 0, None

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs | None:
        self._is_due = self._timer.is_due(self._step)
        return SessionRunArgs(self._shown) if self._is_due or self._at_end else None

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        if self._is_due:
            self._write(run_values.results, self._timer.done(self._step)[0])
        self._last = run_values.results
        self._step += 1

    def end(self, session: Any) -> None:
        if self._at_end and self._last is not None and not self._is_due:
            self._write(self._last, None)

    def _write(self, results, seconds):
        values = results
        if self._formatter is not None:
            _log.info("%s", self._formatter(values))
            return
        text = ", ".join(f"{label} = {value}" for label, value in values.items())
        _log.info("%s%s", text, "" if seconds is None else f" ({seconds:.3f} sec)")
