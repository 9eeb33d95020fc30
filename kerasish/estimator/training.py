"""`train_and_evaluate`: training, with an evaluation at each checkpoint."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Sequence
from typing import Any

from kerasish.estimator.estimator import Estimator
from kerasish.estimator.exporters import Exporter, LatestExporter
from kerasish.estimator.hooks.checkpoint_saver_hook import CheckpointSaverListener
from kerasish.estimator.hooks.session_run_hook import SessionRunHook


@dataclasses.dataclass(frozen=True)
class TrainSpec:
    """What `train_and_evaluate` trains on.

    Args:
        input_fn: as of `Estimator.train`.
        max_steps: int, the global step at which the training ends; None trains until the data end.
        hooks: list of `SessionRunHook`.
        saving_listeners: list of `CheckpointSaverListener`.

    Raises:
        ValueError: for `max_steps` below 1.
        TypeError: for an `input_fn` that is no function.

    Example:
        >>> from kerasish import estimator
        >>> estimator.TrainSpec(lambda: iter(()), max_steps=100).max_steps
        100
    """

    input_fn: Callable[..., Any]
    max_steps: int | None = None
    hooks: Sequence[SessionRunHook] = ()
    saving_listeners: Sequence[CheckpointSaverListener] = ()

    def __post_init__(self) -> None:
        _check_input_fn(self.input_fn)
        if self.max_steps is not None and self.max_steps < 1:
            raise ValueError(f"`max_steps` must be at least 1, got {self.max_steps!r}.")


@dataclasses.dataclass(frozen=True)
class EvalSpec:
    """What `train_and_evaluate` evaluates on, when, and what it exports then.

    Args:
        input_fn: as of `Estimator.evaluate`.
        steps: int, batches an evaluation; None until the data end.
        name: string, as of `Estimator.evaluate`.
        hooks: list of `SessionRunHook`.
        exporters: `Exporter`, or list of such.
        start_delay_secs: float, accepted; the evaluation runs in the same process.
        throttle_secs: float, seconds between two evaluations at least.

    Raises:
        ValueError: for `steps` below 1, seconds below 0, and two exporters of one name.
        TypeError: for an `input_fn` that is no function, and what is no exporter.

    Example:
        >>> from kerasish import estimator
        >>> estimator.EvalSpec(lambda: iter(()), steps=None, throttle_secs=0).exporters
        ()
    """

    input_fn: Callable[..., Any]
    steps: int | None = 100
    name: str | None = None
    hooks: Sequence[SessionRunHook] = ()
    exporters: Any = ()
    start_delay_secs: float = 120
    throttle_secs: float = 600

    def __post_init__(self) -> None:
        _check_input_fn(self.input_fn)
        if self.steps is not None and self.steps < 1:
            raise ValueError(f"`steps` must be at least 1, got {self.steps!r}.")
        for name in ("start_delay_secs", "throttle_secs"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"`{name}` must be at least 0, got {getattr(self, name)!r}.")
        given = self.exporters if isinstance(self.exporters, (list, tuple)) else [self.exporters]
        found = tuple(exporter for exporter in given if exporter is not None)
        for exporter in found:
            if not isinstance(exporter, Exporter):
                raise TypeError(f"`exporters` must hold `Exporter`s, got {type(exporter).__name__}: {exporter!r:.80}.")
        names = [exporter.name for exporter in found]
        if len(set(names)) < len(names):
            raise ValueError(f"`exporters` must have different names, got {', '.join(names)}.")
        object.__setattr__(self, "exporters", found)


def train_and_evaluate(estimator: Estimator, train_spec: TrainSpec, eval_spec: EvalSpec) -> tuple[Any, list[Any]]:
    """Train, evaluate at checkpoints, and export.

    Args:
        estimator: `Estimator`.
        train_spec: `TrainSpec`.
        eval_spec: `EvalSpec`.

    Returns:
        A pair: what the last evaluation returned (None where nothing was trained), and a list of what was exported
        then.

    Raises:
        TypeError: for other arguments.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> from kerasish import estimator, feature_column as fc
        >>> line = estimator.LinearRegressor([fc.numeric_column("x")])
        >>> x = np.linspace(-1, 1, 20, dtype="float32")
        >>> rows = estimator.inputs.numpy_input_fn({"x": x}, 2 * x, 20, num_epochs=None, shuffle=False)
        >>> train, test = estimator.TrainSpec(rows, max_steps=50), estimator.EvalSpec(rows, steps=1)
        >>> result, exports = estimator.train_and_evaluate(line, train, test)
        >>> result["global_step"], result["average_loss"] < 0.1, exports
        (50, True, [])
    """
    for name, item, kind in (
        ("estimator", estimator, Estimator),
        ("train_spec", train_spec, TrainSpec),
        ("eval_spec", eval_spec, EvalSpec),
    ):
        if not isinstance(item, kind):
            raise TypeError(f"`{name}` must be a `{kind.__name__}`, got {type(item).__name__}.")
    listener = _Evaluating(estimator, eval_spec, train_spec.max_steps)
    estimator.train(
        train_spec.input_fn,
        hooks=list(train_spec.hooks),
        max_steps=train_spec.max_steps,
        saving_listeners=[*train_spec.saving_listeners, listener],
    )
    return listener.result, listener.exported


class _Evaluating(CheckpointSaverListener):
    """Evaluates at checkpoints, seldom enough, and at the end."""

    def __init__(self, estimator, spec, last_step):
        self._estimator, self._spec, self._last_step = estimator, spec, last_step
        self._evaluated: int | None = None
        self._is_through = False
        self._time = time.monotonic()
        self._begun: int | None = None
        self.result, self.exported = None, []

    def after_save(self, session: Any, global_step_value: int) -> None:
        if self._begun is None:  # the checkpoint that the run begins with
            self._begun = global_step_value
        elif time.monotonic() - self._time >= self._spec.throttle_secs:
            self._evaluate(global_step_value, self._last_step is not None and global_step_value >= self._last_step)

    def end(self, session: Any, global_step_value: int) -> None:
        self._evaluate(global_step_value, True)

    def _evaluate(self, step, is_final):
        spec, estimator = self._spec, self._estimator
        is_new = self._evaluated != step
        if is_new:
            self.result = estimator.evaluate(spec.input_fn, spec.steps, list(spec.hooks), name=spec.name)
            self._evaluated, self._time = step, time.monotonic()
            self.exported = []
        elif not is_final or self._is_through:
            return
        self._is_through = is_final
        for exporter in spec.exporters:
            if not is_new and isinstance(exporter, LatestExporter):
                continue  # it has this one already
            folder = os.path.join(estimator.model_dir, "export", exporter.name)
            path = exporter.export(estimator, folder, estimator.latest_checkpoint(), self.result, is_final)
            if path is not None:
                self.exported.append(path)


def _check_input_fn(input_fn):
    if not callable(input_fn):
        raise TypeError(f"`input_fn` must be a function that returns data, got {type(input_fn).__name__}.")
