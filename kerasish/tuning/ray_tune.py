"""Trials of Ray Tune."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from typing import Any

from kerasish.callbacks.callback import Callback
from kerasish.callbacks.plain_logs import plain
from kerasish.optional import needed
from kerasish.tuning.fit import search_space
from kerasish.typing import Logs


class RayReport(Callback):
    """Tells Ray Tune the logs of each epoch; its schedulers end trials.

    Args:
        checkpoint: bool, whether to give Ray the model of each epoch, as `model.keras` in a checkpoint.

    Raises:
        ImportError: where Ray is not installed.

    Example:
        >>> from ray import tune  # doctest: +SKIP
        >>> def trainable(config):  # doctest: +SKIP
        ...     trial(keras.tuning.HyperParameters(config), [keras.tuning.RayReport()])
        >>> tune.Tuner(trainable, param_space=keras.tuning.ray_space(trial)).fit()  # doctest: +SKIP
    """

    def __init__(self, checkpoint: bool = False) -> None:
        super().__init__()
        self.checkpoint = checkpoint
        self._tune = _ray_tune()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        numbers = {"epoch": epoch + 1, **plain(logs)}
        if not self.checkpoint:
            self._tune.report(numbers)
            return
        with tempfile.TemporaryDirectory() as folder:
            self.model.save(os.path.join(folder, "model.keras"))
            self._tune.report(numbers, checkpoint=self._tune.Checkpoint.from_directory(folder))


def ray_space(trial: Callable[..., Any]) -> dict[str, Any]:
    """The hyperparameters of a trial as Ray Tune's `param_space`.

    What only other values ask for (below an `if`) is not among them.

    Args:
        trial: a `Fit`, or function `trial(hp, callbacks)`.

    Returns:
        Dict from names to domains of `ray.tune`.

    Raises:
        ImportError: where Ray is not installed.

    Example:
        >>> keras.tuning.ray_space(trial)  # doctest: +SKIP
        {'units': <ray.tune.search.sample.Integer object at ...>}
    """
    tune = _ray_tune()
    return {name: _domain(tune, parameter) for name, parameter in search_space(trial).items()}


def _domain(tune, parameter):
    low, high, step = parameter.low, parameter.high, parameter.step
    if parameter.kind == "fixed":
        return parameter.default
    if parameter.kind in ("choice", "boolean"):
        return tune.choice(list(parameter.choices or (False, True)))
    if parameter.kind == "int":
        if step != 1:
            return tune.choice(list(range(low, high + 1, step)))  # Ray rounds to multiples of the step, not from `low`
        return (tune.lograndint if parameter.log else tune.randint)(low, high + 1)
    if step is not None:
        return tune.choice([low + number * step for number in range(int((high - low) / step + 1e-9) + 1)])
    return (tune.loguniform if parameter.log else tune.uniform)(low, high)


def _ray_tune():
    return needed("ray.tune", "`keras.tuning` reports to Ray Tune where it is installed: pip install 'ray[tune]'.")
