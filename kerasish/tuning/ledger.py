"""The file of a study: which trials there were, which run, and which were cut off and wait to go on."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from typing import Any

from kerasish.optional import needed
from kerasish.tuning.file_lock import FileLock, is_held
from kerasish.tuning.optuna_pruning import optuna

NAME = "study"
_FILE, _LOCK, _WORKERS = "study.journal", "study.lock", "workers"
_ATTEMPTS = 3  # a trial whose processes die this often, without an epoch between, is given up: it kills them

# what is noted at a trial
_WORKER, _CUT_OFF, _GOES_ON, _PLACE, _DEATHS = "worker", "cut_off", "goes_on", "place", "deaths"


class Ledger:
    """A study of Optuna in a file, as one process sees it.

    Every process that searches holds the lock of a file of its own, which the system opens when it dies; so a trial
    that runs in the ledger and in no living process is known, on whatever machine it was.

    Args:
        folder: path of the study's folder.
        objective: string, the log that is searched for. direction: "minimize" or "maximize".
        sampler, pruner: of Optuna, or None.

    Raises: ValueError where the folder holds a study of another objective.
    """

    def __init__(self, folder: str, objective: str, direction: str, sampler: Any, pruner: Any) -> None:
        os.makedirs(os.path.join(folder, _WORKERS), exist_ok=True)
        self._folder = folder
        self.lock = FileLock(os.path.join(folder, _LOCK))
        with self.lock:
            self._storage = _opened(os.path.join(folder, _FILE))
            about = {"storage": self._storage, "study_name": NAME, "sampler": sampler, "pruner": pruner}
            if NAME in optuna().get_all_study_names(self._storage):
                self.study = optuna().load_study(**about)
            else:
                self.study = optuna().create_study(direction=direction, **about)
            known = self.study.user_attrs.get("objective")
            if known is None:
                self.study.set_user_attr("objective", objective)
        searched = (known or objective, self.study.direction.name.lower())
        if searched != (objective, direction):
            raise ValueError(
                f"The folder {folder!r} holds a study that is to {searched[1]} {searched[0]}, and not to {direction} "
                f"{objective}. Pass another `folder`, or remove it."
            )
        self._states = optuna().trial.TrialState
        self._worker = uuid.uuid4().hex
        self._alive = FileLock(self._file_of(self._worker))

    def __enter__(self) -> Ledger:
        with self.lock:  # `mend` takes a file that nobody has locked for a dead process's
            self._alive.acquire()
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(FileNotFoundError):
            os.remove(self._alive.path)
        self._alive.release()

    def counted(self) -> list[Any]:
        """The trials that are done or run. Those that were cut off count when they have gone on."""
        trials = self.study.get_trials(deepcopy=False)
        return [t for t in trials if t.state != self._states.WAITING and not t.user_attrs.get(_CUT_OFF)]

    def begin(self) -> Any:
        """Begin a trial, one that was cut off if there is one. Call it with the lock held."""
        place = len(self.counted())
        trial = self.study.ask()
        trial.set_user_attr(_WORKER, self._worker)
        if _PLACE not in trial.user_attrs:
            trial.set_user_attr(_PLACE, place)
        before = trial.user_attrs.get(_GOES_ON)
        if before is not None:
            for epoch, value in self._numbered(before).intermediate_values.items():
                trial.report(value, epoch)
        return trial

    def finish(self, trial: Any, value: float | None, state: str) -> None:
        """Note how a trial ended: `state` is "COMPLETE", "PRUNED" or "FAIL"."""
        self.study.tell(trial, value, self._states[state], skip_if_finished=True)

    def cut_off(self, trial: Any) -> None:
        """Let a trial, which somebody interrupts, wait to go on."""
        with self.lock:
            trial.set_user_attr(_CUT_OFF, True)
            self.finish(trial, None, "FAIL")
            self._let_wait()

    def mend(self) -> None:
        """Let the trials of processes that died wait to go on. Call it with the lock held."""
        for trial in self.study.get_trials(deepcopy=False, states=(self._states.RUNNING,)):
            worker = trial.user_attrs.get(_WORKER)
            if worker is not None and is_held(self._file_of(worker)):
                continue
            deaths = 0 if self._came_further(trial) else trial.user_attrs.get(_DEATHS, 0) + 1
            if deaths < _ATTEMPTS:
                self._note(trial, _DEATHS, deaths)
                self._note(trial, _CUT_OFF, True)
            self.study.tell(trial.number, state=self._states.FAIL)
        for worker in os.listdir(os.path.join(self._folder, _WORKERS)):
            if not is_held(self._file_of(worker)):
                with suppress(FileNotFoundError):  # its process has just ended
                    os.remove(self._file_of(worker))
        self._let_wait()

    def _let_wait(self):
        """Queue what was cut off and is not queued yet: so a death between the two is mended by the next call."""
        trials = self.study.get_trials(deepcopy=False)
        queued = {t.user_attrs.get(_GOES_ON) for t in trials}
        for trial in trials:
            notes = trial.user_attrs
            began = _PLACE in notes  # else its process died when nothing had been chosen yet
            if began and notes.get(_CUT_OFF) and trial.number not in queued:
                notes = {_GOES_ON: trial.number, _PLACE: notes[_PLACE], _DEATHS: notes.get(_DEATHS, 0)}
                self.study.enqueue_trial(trial.params, user_attrs=notes)

    def _came_further(self, trial):
        """Whether a trial has trained an epoch since it went on."""
        before = trial.user_attrs.get(_GOES_ON)
        epochs = 0 if before is None else len(self._numbered(before).intermediate_values)
        return len(trial.intermediate_values) > epochs

    def _note(self, trial, name, value):
        self._storage.set_trial_user_attr(trial._trial_id, name, value)

    def _numbered(self, number):
        return self.study.get_trials(deepcopy=False)[number]

    def _file_of(self, worker):
        return os.path.join(self._folder, _WORKERS, worker)


def place_of(trial: Any) -> int:
    """The place of a trial in its study, from 0: as its number, but one that was cut off goes on in its old place."""
    return trial.user_attrs[_PLACE]


def _opened(path):
    """Optuna's storage in a file of lines. A line that a dying process left half written is taken off."""
    journal = needed("optuna.storages.journal", "")
    lock = FileLock(path + ".lock")  # Optuna's own would outlive a process that was killed by half a minute
    if os.path.exists(path):
        with lock, open(path, "rb+") as file:
            lines = file.read()
            if not lines.endswith(b"\n"):
                file.truncate(lines.rfind(b"\n") + 1)
    return optuna().storages.JournalStorage(journal.JournalFileBackend(path, lock_obj=lock))
