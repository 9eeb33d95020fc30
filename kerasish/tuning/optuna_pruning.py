"""Trials of Optuna that end early where others were better at that point."""

from __future__ import annotations

from typing import Any

from kerasish.callbacks.monitor import MonitorCallback
from kerasish.optional import needed
from kerasish.suggestions import install
from kerasish.typing import Logs


def optuna() -> Any:
    """The package, or an ImportError that says how to install it."""
    return needed("optuna", f"`keras.tuning` searches with Optuna: {install('tune')}.")


class OptunaPruning(MonitorCallback):
    """Tells a trial of Optuna a log after each epoch, and ends the training where the study's pruner says so.

    A log that is no number (NaN) ends it, too. A log that is missing gives a warning, and training goes on.

    Args:
        trial: the `optuna.trial.Trial`.
        monitor: name of the log, e.g. "val_loss".
        interval: int, the number of epochs between two questions to the pruner. Each epoch is told.

    Raises:
        optuna.TrialPruned: in training, out of `fit`; the study expects it.
        ImportError: where Optuna is not installed.

    Example:
        >>> import kerasish as keras, optuna
        >>> def objective(trial):
        ...     model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        ...     model.compile(keras.optimizers.SGD(trial.suggest_float("rate", 0.1, 0.5)), "mse")
        ...     prune = keras.tuning.OptunaPruning(trial, "loss")
        ...     x, y = keras.ops.ones((4, 2)), keras.ops.ones((4, 1))
        ...     return model.fit(x, y, epochs=3, verbose=0, callbacks=[prune]).history["loss"][-1]
        >>> study = optuna.create_study()
        >>> study.optimize(objective, n_trials=2)
        >>> len(study.trials[0].intermediate_values)
        3
    """

    def __init__(self, trial: Any, monitor: str = "val_loss", interval: int = 1) -> None:
        super().__init__(monitor)
        if isinstance(interval, bool) or not isinstance(interval, int) or interval < 1:
            raise ValueError(f"`interval` of `OptunaPruning` must be an int above 0, got {interval!r}.")
        self.trial = trial
        self.interval = interval
        self._pruned = optuna().TrialPruned

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        value = self._monitored(logs, "Pruning conditioned on")
        if value is None:
            return
        if value != value:
            raise self._pruned(f"`{self.monitor}` is no number after epoch {epoch + 1}.")
        self.trial.report(value, epoch)
        if (epoch + 1) % self.interval == 0 and self.trial.should_prune():
            raise self._pruned(f"Trial {self.trial.number} was pruned after epoch {epoch + 1}.")
