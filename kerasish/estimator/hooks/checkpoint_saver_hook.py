"""CheckpointSaverHook."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from kerasish.estimator.checkpoints import write_checkpoint
from kerasish.estimator.hooks.session_run_hook import (
    SessionRunContext,
    SessionRunHook,
    SessionRunValues,
    Timer,
    checked_every,
)
from kerasish.typing import PathLike


class CheckpointSaverListener:
    """What is told of checkpoints: a subclass defines what it wants to hear.

    Example:
        >>> from kerasish import estimator
        >>> class Told(estimator.CheckpointSaverListener):
        ...     def after_save(self, session, global_step_value):
        ...         print("saved", global_step_value)
        >>> Told().after_save(None, 5)
        saved 5
    """

    def begin(self) -> None:
        """Called before anything is computed."""

    def before_save(self, session: Any, global_step_value: int) -> None:
        """Called before a checkpoint is written.

        Args:
            session: the run.
            global_step_value: int.
        """

    def after_save(self, session: Any, global_step_value: int) -> bool | None:
        """Called when a checkpoint is written.

        Args:
            session: the run.
            global_step_value: int.

        Returns:
            True ends the run.
        """

    def end(self, session: Any, global_step_value: int) -> None:
        """Called when the run has ended.

        Args:
            session: the run.
            global_step_value: int.
        """


class CheckpointSaverHook(SessionRunHook):
    """Writes a checkpoint at the first step, every so often, and at the end.

    Args:
        checkpoint_dir: path of the folder.
        save_secs: float, seconds between two.
        save_steps: int, steps between two.
        listeners: list of `CheckpointSaverListener`.
        keep_checkpoint_max: int, how many are kept; 0 or None keeps all.

    Raises:
        ValueError: unless exactly one of the two intervals is given.

    Example:
        >>> import tempfile
        >>> from kerasish import estimator
        >>> hook = estimator.CheckpointSaverHook(tempfile.mkdtemp(), save_steps=100)
    """

    def __init__(
        self,
        checkpoint_dir: PathLike,
        save_secs: float | None = None,
        save_steps: int | None = None,
        listeners: Sequence[CheckpointSaverListener] | None = None,
        keep_checkpoint_max: int | None = 5,
    ) -> None:
        checked_every(save_steps, save_secs, ("save_steps", "save_secs"))
        self._folder, self._every, self._keep = checkpoint_dir, (save_steps, save_secs), keep_checkpoint_max
        self.listeners = list(listeners or ())

    def begin(self) -> None:
        self._timer = Timer(*self._every, time.monotonic)
        for listener in self.listeners:
            listener.begin()

    def after_create_session(self, session: Any, coord: Any = None) -> None:
        self._save(session)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        if self._timer.is_due(run_context.session.global_step) and self._save(run_context.session):
            run_context.request_stop()

    def end(self, session: Any) -> None:
        if session.global_step != self._timer.last_step:
            self._save(session)
        for listener in self.listeners:
            listener.end(session, session.global_step)

    def _save(self, session):
        """Write one; whether a listener asks for the end."""
        step = session.global_step
        for listener in self.listeners:
            listener.before_save(session, step)
        write_checkpoint(self._folder, step, session.state(), self._keep)
        self._timer.done(step)
        return any([listener.after_save(session, step) for listener in self.listeners])
