"""What runs beside the steps of an Estimator."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from kerasish.backend import is_keras_tensor


@dataclasses.dataclass
class SessionRunArgs:
    """What a hook asks of the next step.

    Args:
        fetches: name, or list or dict of names: "loss", "global_step", a prediction's name, or of the hook's `tensors`.

    Example:
        >>> from kerasish import estimator
        >>> estimator.SessionRunArgs("loss").fetches
        'loss'
    """

    fetches: Any


@dataclasses.dataclass
class SessionRunValues:
    """What a step gave to a hook: `results`, in the structure that it asked for.

    Args:
        results: values.

    Example:
        >>> from kerasish import estimator
        >>> estimator.SessionRunValues({"loss": 0.5}).results
        {'loss': 0.5}
    """

    results: Any


class SessionRunContext:
    """The run that a step belongs to.

    Args:
        session: the run: `session.estimator`, `session.model`, `session.global_step`, `session.state()`.

    Example:
        >>> from kerasish import estimator
        >>> context = estimator.SessionRunContext(None)
        >>> context.request_stop()
        >>> context.stop_requested
        True
    """

    def __init__(self, session: Any) -> None:
        self.session = session
        self.stop_requested = False

    def request_stop(self) -> None:
        """End the run behind this step."""
        self.stop_requested = True


class SessionRunHook:
    """Something that runs beside the steps of an Estimator: a subclass defines what it wants to.

    Attributes:
        tensors: dict from name to symbolic tensor of the model function's graph, which `before_run` may ask for.

    Example:
        >>> from kerasish import estimator
        >>> class Counter(estimator.SessionRunHook):
        ...     steps = 0
        ...     def after_run(self, run_context, run_values):
        ...         self.steps += 1
        >>> Counter().steps
        0
    """

    tensors: Mapping[str, Any] = {}

    def begin(self) -> None:
        """Called before anything is computed."""

    def after_create_session(self, session: Any, coord: Any = None) -> None:
        """Called when the model stands and its checkpoint is restored.

        Args:
            session: the run.
            coord: None.
        """

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs | None:
        """Called before each step.

        Args:
            run_context: of the run.

        Returns:
            What is asked of the step, or None.
        """

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        """Called behind each step.

        Args:
            run_context: of the run.
            run_values: what `before_run` asked for.
        """

    def end(self, session: Any) -> None:
        """Called when the run has ended well.

        Args:
            session: the run.
        """


def named_tensors(tensors: Any) -> tuple[dict[str, str], dict[str, Any]]:
    """Names to show, each with the name of what is fetched, and the symbolic tensors among these.

    Args:
        tensors: list of names, or dict from name to a name or a symbolic tensor.

    Raises:
        TypeError: for something else.
    """
    items = tensors if isinstance(tensors, Mapping) else {name: name for name in tensors}
    shown, own = {}, {}
    for label, item in items.items():
        if is_keras_tensor(item):
            key = f"hook {label} {item.name}"
            shown[label], own[key] = key, item
        elif isinstance(item, str):
            shown[label] = item
        else:
            raise TypeError(f"`tensors[{label!r}]` must be a name or a symbolic tensor, got {item!r:.80}.")
    return shown, own


class Timer:
    """When something is due that happens every so many steps or seconds.

    Args:
        every_steps: int or None.
        every_secs: float or None.
        clock: function that returns seconds.
    """

    def __init__(self, every_steps: int | None, every_secs: float | None, clock: Any) -> None:
        self._steps, self._seconds, self._clock = every_steps, every_secs, clock
        self.last_step: int | None = None
        self.last_time: float | None = None

    def is_due(self, step: int) -> bool:
        """Whether it is due at a step; it is at the first that is asked for."""
        if self.last_step is None:
            return True
        if step == self.last_step:
            return False
        if self._steps is not None:
            return step >= self.last_step + self._steps
        return self._seconds is not None and self._clock() >= self.last_time + self._seconds

    def done(self, step: int) -> tuple[float | None, int | None]:
        """Say that it happened; returns the seconds and steps since it did before, None the first time."""
        now = self._clock()
        passed = None if self.last_time is None else now - self.last_time
        steps = None if self.last_step is None else step - self.last_step
        self.last_step, self.last_time = step, now
        return passed, steps


def checked_every(every_steps: Any, every_secs: Any, names: tuple[str, str]) -> None:
    """Raise ValueError unless exactly one of two intervals is given, above 0."""
    if (every_steps is None) == (every_secs is None):
        raise ValueError(f"Give exactly one of `{names[0]}` and `{names[1]}`, got {every_steps!r} and {every_secs!r}.")
    for name, value in zip(names, (every_steps, every_secs)):
        if value is not None and not value > 0:
            raise ValueError(f"`{name}` must be above 0, got {value!r}.")
