"""A search for good hyperparameters."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from kerasish.files.saving_api import load_model
from kerasish.suggestions import SuggestsArguments
from kerasish.tuning import processes as crew
from kerasish.tuning.directions import direction_of
from kerasish.tuning.ledger import Ledger
from kerasish.tuning.optuna_pruning import optuna
from kerasish.tuning.worker import BEST, work
from kerasish.typing import PathLike


class Study(SuggestsArguments):
    """A search by Optuna for the hyperparameters with which a model learns best, kept in a folder.

    A trial builds a model with the values that Optuna chose, and trains it; one that lies behind the others after as
    many epochs is pruned. What was interrupted or killed goes on when the program is started anew: trials that were
    done count, those that were amid training go on after their last whole epoch. Several processes, also of several
    machines that share the folder, may search in one study.

    Args:
        trial: a `Fit`, or a function `trial(hp, callbacks)` that trains with these callbacks, and returns what `fit`
            returned or the number that it reached.

        folder: path of a folder for this study alone. Missing folders are made.

        objective: name of the log that is searched for; its best epoch counts.

        direction: "minimize" or "maximize"; None where the name says it.

        sampler: of `optuna.samplers`, which chooses values; None for its tree-structured Parzen estimator.

        pruner: of `optuna.pruners`, which ends trials early; None for the median of the trials before.

        seed: int for the same search and the same trainings each time, in one process; None for new ones.

        keep_model: bool, whether to keep the best model of the study, in `best.keras` in the folder.

        backup: bool, whether a trial that was cut off goes on after its last whole epoch, rather than from its first.

    Raises:
        ImportError: where Optuna is not installed.
        ValueError: where it can't be known which `direction` is better; for a folder with another study.

    Example:
        >>> import kerasish as keras, numpy as np, tempfile
        >>> def build(hp):
        ...     model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        ...     model.compile(keras.optimizers.SGD(hp.Float("rate", 1e-3, 0.3, sampling="log")), "mse")
        ...     return model
        >>> trial = keras.tuning.Fit(build, np.ones((4, 2)), np.ones((4, 1)), epochs=3, verbose=0)
        >>> study = keras.tuning.Study(trial, tempfile.mkdtemp(), objective="loss", seed=0)
        >>> _ = study.search(4, verbose=0)
        >>> list(study.best_values), study.best_model().count_params()
        (['rate'], 3)
    """

    def __init__(
        self,
        trial: Callable[..., Any],
        folder: PathLike,
        objective: str = "val_loss",
        direction: str | None = None,
        sampler: Any = None,
        pruner: Any = None,
        seed: int | None = None,
        keep_model: bool = True,
        backup: bool = True,
    ) -> None:
        optuna()
        if not callable(trial):
            raise TypeError(f"`trial` must be a `Fit` or a function of (hp, callbacks), got {trial!r}.")
        self.trial = trial
        self.folder = os.path.abspath(os.fspath(folder))
        self.objective = objective
        self.direction = direction_of(objective, direction)
        self.sampler = sampler
        self.pruner = pruner
        self.seed = seed
        self.keep_model = keep_model
        self.backup = backup

    def search(self, trials: int, processes: int = 1, timeout: float | None = None, verbose: int = 1) -> Study:
        """Try until the study has so many trials, those of earlier searches and other processes among them.

        Ctrl-C ends the search, and so does an error of a trial. What was under way waits to go on.

        Args:
            trials: int, how many trials the study shall have.
            processes: int, how many processes of this machine try them. Each has its share of the cores. On Linux they
                are forked; elsewhere, and where cards compute, they start anew, so what the trial needs must be in a
                module.
            timeout: float, seconds after which no further trial is begun; None for no end.
            verbose: int; 1 prints a line a trial, 0 nothing.

        Returns:
            The study.

        Raises:
            ValueError: for numbers below 1.
            RuntimeError: where a trial of another process failed; the message has its traceback. Or where processes
                die again and again without having begun a trial.
        """
        for name, number in (("trials", trials), ("processes", processes)):
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                raise ValueError(f"`{name}` must be an int above 0, got {number!r}.")
        until = time.time() + timeout if timeout is not None else float("inf")
        if processes == 1:
            work(self, trials, until, lambda: True, verbose)
        else:
            self._ledger()  # the file is there, and is of this study, before many open it
            crew.search(self, trials, processes, until, verbose)
        return self

    @property
    def optuna(self) -> Any:
        """The `optuna.Study`, for its visualizations, importances and tables."""
        return self._ledger().study

    @property
    def best_values(self) -> dict[str, Any]:
        """Dict from the names of the hyperparameters to the values of the best trial.

        `build(HyperParameters(study.best_values))` makes its model anew.
        """
        return dict(self.optuna.best_params)

    @property
    def best_value(self) -> float:
        """What the best trial reached."""
        return self.optuna.best_value

    def best_model(self, custom_objects: Any = None) -> Any:
        """The best model of the study, as it was after its best epoch.

        Args:
            custom_objects: dict from names to classes and functions of one's own, as `load_model` takes it.

        Raises:
            FileNotFoundError: where none was kept.
        """
        path = os.path.join(self.folder, BEST)
        if not os.path.exists(path):
            raise FileNotFoundError(
                f"There is no {path}: no trial is done, `keep_model` is False, or the trials did not train with the "
                "callbacks that they were given."
            )
        return load_model(path, custom_objects=custom_objects)

    def _ledger(self):
        return Ledger(self.folder, self.objective, self.direction, self.sampler, self.pruner)
