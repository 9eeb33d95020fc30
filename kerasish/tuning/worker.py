"""One process that tries trials of a study, one after the other."""

from __future__ import annotations

import math
import os
import shutil
import time
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kerasish.backend import interrupts
from kerasish.callbacks.backup_and_restore import BackupAndRestore
from kerasish.callbacks.model_checkpoint import ModelCheckpoint
from kerasish.tuning.directions import MODES
from kerasish.tuning.hyperparameters import HyperParameters
from kerasish.tuning.ledger import place_of
from kerasish.tuning.optuna_pruning import OptunaPruning, optuna
from kerasish.tuning.reached import objective_value
from kerasish.utils.console import say
from kerasish.utils.random_seed import set_random_seed

if TYPE_CHECKING:
    from kerasish.tuning.study import Study

BEST = "best.keras"


def work(study: Study, trials: int, until: float, goes_on: Callable[[], bool], verbose: int) -> None:
    """Try trials until there are enough.

    Args:
        study: the study. trials: int, how many it shall have.
        until: time, of `time.time`, after which none is begun.
        goes_on: function that says whether to begin another.
    """
    with study._ledger() as ledger:
        while time.time() < until and goes_on():
            current: list[Any] = []  # the trial while it runs: an interrupt may come just behind its begin or its end
            try:
                _begin(ledger, trials, current)
                if not current:
                    return
                _try(study, ledger, current, verbose)
            except KeyboardInterrupt:
                if current:
                    interrupts.whole(ledger.cut_off)(current[0])
                raise


@interrupts.whole
def _begin(ledger, trials, current):
    with ledger.lock:
        ledger.mend()
        if len(ledger.counted()) < trials:
            current.append(ledger.begin())


def _try(study, ledger, current, verbose):
    """Run one trial, and note how it ended."""
    trial = current[0]
    place = os.path.join(study.folder, "trials", str(place_of(trial)))
    hp = _OfTrial(trial, study.seed if study.sampler is None else None)
    if study.seed is not None:
        set_random_seed((study.seed + place_of(trial)) % 2**32)
    try:
        value = objective_value(study.trial(hp, _callbacks(study, trial, place)), study.objective, study.direction)
        state = "COMPLETE" if math.isfinite(value) else "PRUNED"
    except optuna().TrialPruned:
        value, state = None, "PRUNED"
    except KeyboardInterrupt:
        raise
    except BaseException:
        _finish(study, ledger, current, None, "FAIL", place)
        raise
    _finish(study, ledger, current, value, state, place)
    if verbose:
        _report(study, ledger, trial, hp, value, state)


def _callbacks(study, trial, place):
    callbacks: list[Any] = [OptunaPruning(trial, study.objective)]
    if study.keep_model:
        best = {"monitor": study.objective, "mode": MODES[study.direction], "save_best_only": True}
        callbacks.append(ModelCheckpoint(os.path.join(place, BEST), **best))
    if study.backup:
        callbacks.append(BackupAndRestore(os.path.join(place, "backup")))
    return callbacks


@interrupts.whole
def _finish(study, ledger, current, value, state, place):
    with ledger.lock:
        model = os.path.join(place, BEST)
        if state == "COMPLETE" and os.path.exists(model) and _is_best(ledger.study, value):
            os.replace(model, os.path.join(study.folder, BEST))  # first: a trial that is not noted is tried again
        ledger.finish(current.pop(), value if state == "COMPLETE" else None, state)
    shutil.rmtree(place, ignore_errors=True)


def _is_best(study, value):
    done = [t.value for t in study.get_trials(deepcopy=False) if t.state.name == "COMPLETE"]
    return all(value < other if study.direction.name == "MINIMIZE" else value > other for other in done)


def _report(study, ledger, trial, hp, value, state):
    values = ", ".join(f"{name}={_short(found)}" for name, found in hp.values.items())
    said = "pruned" if state == "PRUNED" else f"{study.objective} {value:.6g}"
    done = [t for t in ledger.study.get_trials(deepcopy=False) if t.state.name == "COMPLETE"]
    best = f"; best {ledger.study.best_value:.6g} (trial {ledger.study.best_trial.number})" if done else ""
    say(f"Trial {trial.number}: {said}{best}; {values}")


def _short(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)


class _OfTrial(HyperParameters):
    """Hyperparameters that a trial of Optuna chooses."""

    def __init__(self, trial: Any, seed: int | None) -> None:
        super().__init__()
        self._trial = trial
        self._seed = seed

    def _chosen(self, parameter):
        if self._seed is not None:
            # By trial and name: a search that goes on draws what it would have drawn in one go.
            drawn_by = f"{self._seed} {place_of(self._trial)} {parameter.name}"
            self._trial.study.sampler = optuna().samplers.TPESampler(seed=zlib.crc32(drawn_by.encode()))
        if parameter.kind in ("choice", "boolean"):
            return self._trial.suggest_categorical(parameter.name, parameter.choices or (False, True))
        suggest = self._trial.suggest_int if parameter.kind == "int" else self._trial.suggest_float
        step = {} if parameter.step is None else {"step": parameter.step}
        return suggest(parameter.name, parameter.low, parameter.high, log=parameter.log, **step)
