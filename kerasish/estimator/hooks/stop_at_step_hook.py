"""StopAtStepHook."""

from __future__ import annotations

from typing import Any

from kerasish.estimator.hooks.session_run_hook import SessionRunContext, SessionRunHook, SessionRunValues


class StopAtStepHook(SessionRunHook):
    """Ends the run after a number of steps, or at a global step.

    Args:
        num_steps: int, how many steps are taken.
        last_step: int, the global step behind which the run ends.

    Raises:
        ValueError: unless exactly one of the two is given.

    Example:
        >>> from kerasish import estimator
        >>> hook = estimator.StopAtStepHook(last_step=1000)
    """

    def __init__(self, num_steps: int | None = None, last_step: int | None = None) -> None:
        if (num_steps is None) == (last_step is None):
            raise ValueError(f"Give exactly one of `num_steps` and `last_step`, got {num_steps!r} and {last_step!r}.")
        self._num_steps, self._last_step = num_steps, last_step

    def after_create_session(self, session: Any, coord: Any = None) -> None:
        if self._num_steps is not None:
            self._last_step = session.global_step + self._num_steps

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        if run_context.session.global_step >= self._last_step:
            run_context.request_stop()
