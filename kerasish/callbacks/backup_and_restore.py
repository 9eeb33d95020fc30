"""Trainings that are killed go on where they were."""

from __future__ import annotations

import os
import warnings
from typing import Any

from kerasish.callbacks.batch_count import BatchCount, check_frequency
from kerasish.callbacks.callback import Callback
from kerasish.callbacks.state_file import read_state, write_state
from kerasish.distribution.shares import from_first, leads
from kerasish.distribution.tables import cut_tables
from kerasish.typing import Logs, PathLike

_LATEST, _PREVIOUS = "latest.backup", "previous.backup"


class BackupAndRestore(Callback):
    """Keeps all of a training in a file, so that a program that was killed goes on where it was when started anew.

    The file holds the weights, the state of the optimizer, of the metrics and of all random generators, the epoch, the
    batch and the order of the samples, the `History`, and what other callbacks have to know (`Callback.state_dict`).
    The program that is started anew makes the same model, passes the same data and arguments to `fit`, and ends with
    the numbers of one that was never killed, to the last bit.

    Where several processes train together (`keras.distribution`), the first writes and reads, and the program may be
    started anew with another number of them.

    Hooks of this callback are called behind those of all others. Generators are brought to where they were by taking
    out of them what was taken; `on_epoch_begin` and `on_epoch_end` of a `PyDataset` are called for the epochs that
    were; other iterables begin the pass that was under way again and leave out its first batches.

    Args:
        backup_dir: path of a folder for this training's backups alone. Missing folders are made.
        save_freq: "epoch" to save at the end of each epoch; an int, the number of batches between savings, counted on
            over epochs; False to save nothing.
        double_checkpoint: whether to keep the backup before the last, too, which is taken where the last is damaged.
        delete_checkpoint: whether to remove the backups when training is done.

    Raises:
        ValueError: for an empty `backup_dir` or another `save_freq`; in training, for a damaged backup, and for one of
            another model or other data.

    Example:
        >>> import kerasish as keras, numpy as np, tempfile
        >>> x = y = np.ones((4, 1))
        >>> def train(folder, fails=False):
        ...     keras.utils.set_random_seed(1)
        ...     model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        ...     model.compile("adam", "mse")
        ...     def stop(epoch, logs):
        ...         if fails and epoch == 3: raise RuntimeError("the power is gone")
        ...     stop = keras.callbacks.LambdaCallback(on_epoch_begin=stop)
        ...     model.fit(x, y, epochs=5, verbose=0, callbacks=[keras.callbacks.BackupAndRestore(folder), stop])
        ...     return model
        >>> folder = tempfile.mkdtemp()
        >>> train(folder, fails=True)
        Traceback (most recent call last):
        ...
        RuntimeError: the power is gone
        >>> history = train(folder).history
        >>> history.epoch, history.history == train(folder).history.history
        ([0, 1, 2, 3, 4], True)
    """

    _comes_last = True

    def __init__(
        self,
        backup_dir: PathLike,
        save_freq: int | str | bool = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__()
        if not backup_dir:
            raise ValueError(f"`backup_dir` of `BackupAndRestore` must be the path of a folder, got {backup_dir!r}.")
        self.backup_dir = os.fspath(backup_dir)
        self.save_freq = save_freq
        self._count = BatchCount(check_frequency("save_freq", save_freq, ("epoch", False), "BackupAndRestore"))
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint

    def on_train_begin(self, logs: Logs = None) -> None:
        self._count = BatchCount(self._count.every)
        found = from_first(self._found)
        if found is not None:
            path, state = found
            try:
                self.model._course.go_to(state)
            except ValueError as error:
                raise ValueError(
                    f"The backup {path} can't be gone on with: {error} Pass what it was made with, or remove the "
                    "file to begin anew."
                ) from error

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self._count.is_due(batch):
            self._save()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self.save_freq == "epoch":
            self._save()

    def on_train_end(self, logs: Logs = None) -> None:
        if self.delete_checkpoint and leads():
            for path in self._paths():
                if os.path.exists(path):
                    os.remove(path)
            if os.path.isdir(self.backup_dir) and not os.listdir(self.backup_dir):
                os.rmdir(self.backup_dir)

    def state_dict(self) -> dict[str, Any]:
        return {"count": self._count.state}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._count.state = state["count"]

    def _paths(self):
        return [os.path.join(self.backup_dir, name) for name in (_LATEST, _PREVIOUS)]

    def _save(self):
        state = self.model._course.state()  # in all processes, as tables may be cut over them
        if leads():
            self._write(state)

    def keep_epoch(self) -> None:
        """Write a backup of the epoch that is done, where there is none; all processes do so together."""
        if self.save_freq != "epoch":
            self._save()

    def save_alone(self) -> None:
        """Write a backup of what is done without asking other processes, as some were lost; of cut tables it can't."""
        model = self.model
        if model._course is not None and not cut_tables(model):
            self._write(model._course.state())

    def _write(self, state):
        latest, previous = self._paths()
        if self.double_checkpoint and os.path.exists(latest):
            os.replace(latest, previous)
        write_state(latest, state)

    def _found(self):
        """(path, state) of the backup to go on with, or None."""
        damage = None
        for path in self._paths():
            if not os.path.exists(path):
                continue
            try:
                return path, read_state(path)
            except ValueError as error:
                damage = damage or error
                warnings.warn(f"The backup {path} is not used: {error}", stacklevel=2)
        if damage is not None:
            raise ValueError(
                f"There is no whole backup in {self.backup_dir}: {damage} Remove it to begin anew."
            ) from damage
        return None
