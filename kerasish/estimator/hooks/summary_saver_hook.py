"""SummarySaverHook."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasish.estimator.hooks.session_run_hook import (
    SessionRunArgs,
    SessionRunContext,
    SessionRunHook,
    SessionRunValues,
    Timer,
    checked_every,
    named_tensors,
)
from kerasish.summary import create_file_writer
from kerasish.typing import PathLike


class SummarySaverHook(SessionRunHook):
    """Writes values for TensorBoard every so often: scalars as they are, of arrays a histogram.

    Args:
        save_steps: int, steps between two.
        save_secs: float, seconds between two.
        output_dir: path of the folder of events.
        summary_writer: what `keras.summary.create_file_writer` gives, in place of `output_dir`.
        tensors: list of names ("loss", a prediction's), or dict from tag to a name or a symbolic tensor of the model
            function's.

    Raises:
        ValueError: unless exactly one of the two intervals, and a folder or a writer, is given.
        ImportError: where `tensorboardX` is not installed.

    Example:
        >>> import tempfile
        >>> from kerasish import estimator
        >>> hook = estimator.SummarySaverHook(save_steps=10, output_dir=tempfile.mkdtemp())
    """

    def __init__(
        self,
        save_steps: int | None = None,
        save_secs: float | None = None,
        output_dir: PathLike | None = None,
        summary_writer: Any = None,
        tensors: Sequence[str] | Mapping[str, Any] = ("loss",),
    ) -> None:
        checked_every(save_steps, save_secs, ("save_steps", "save_secs"))
        if (output_dir is None) == (summary_writer is None):
            raise ValueError("Give exactly one of `output_dir` and `summary_writer`.")
        self._every = (save_steps, save_secs)
        self._shown, self.tensors = named_tensors(tensors)
        self._writer = create_file_writer(output_dir) if summary_writer is None else summary_writer

    def begin(self) -> None:
        self._timer, self._step = Timer(*self._every, time.monotonic), 0

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs | None:
        self._is_due = self._timer.is_due(self._step)
        return SessionRunArgs(self._shown) if self._is_due else None

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        if self._is_due:
            self._timer.done(self._step)
            for tag, value in run_values.results.items():
                self._write(tag, np.asarray(value), run_context.session.global_step)
        self._step += 1

    def end(self, session: Any) -> None:
        self._writer.flush()

    def _write(self, tag, value, step):
        if value.size == 1:
            self._writer.scalars({tag: float(value.reshape(()))}, step)
        else:
            self._writer.histogram(tag, value, step)
