"""Models saved while they are trained."""

from __future__ import annotations

import collections
import os
import string
import warnings
from contextlib import suppress
from typing import Any

from kerasish.backend import deprecation
from kerasish.callbacks.batch_count import BatchCount, check_frequency
from kerasish.callbacks.monitor import MonitorCallback
from kerasish.distribution.shares import leads
from kerasish.distribution.tables import whole_tables
from kerasish.remote_files import is_remote, remove
from kerasish.suggestions import refuse_unknown
from kerasish.typing import Logs, PathLike
from kerasish.utils.console import say

_MODEL_ENDINGS = (".keras", ".h5", ".hdf5")
_WEIGHT_ENDINGS = (".weights.h5", ".weights.json", ".safetensors")


class ModelCheckpoint(MonitorCallback):
    """Saves the model, or its weights, after epochs or after a number of batches.

    With `save_best_only`, an epoch is saved that is better than all before it. A `monitor` that is not logged gives a
    warning, and the model is saved. A file that is being written takes the place of the old one in one step.

    Args:
        filepath: path, with places in braces for "epoch" (from 1), "batch" (from 1) and logs, as in
            "{epoch:02d}-{val_loss:.2f}.keras". It ends in ".keras", ".h5" or ".hdf5"; for weights in ".weights.h5",
            ".weights.json" (with the numbers in files beside it) or ".safetensors". Missing folders are made.
        monitor: name of the log that tells which model is best, e.g. "val_accuracy"; taken with `save_best_only`.
        verbose: int; 1 prints what is saved, 0 nothing.
        save_best_only: whether to save only a model better than all before.
        save_weights_only: whether to save weights (`model.save_weights`) rather than the model (`model.save`).
        mode: "min", "max" or "auto" (known from the metric or its name).
        save_freq: "epoch" to save at the end of each epoch, or an int, the number of batches between savings, counted
            on over epochs.
        initial_value_threshold: float that the first best model has to beat, or None.
        max_to_keep: int, the number of files to keep of those that this callback wrote: the newest, which with
            `save_best_only` are the best. None keeps all.
        background: bool, whether to write in a thread while training goes on. The step waits for a copy of the weights
            alone, and for the last file where that is not written yet; what goes wrong is raised at the next save or
            at the end.
        **kwargs: `period`, Keras 2's number of epochs between savings (with a DeprecationWarning).

    Raises:
        ValueError: for another ending, a malformed template, another `save_freq` or another `max_to_keep`.
        TypeError: for unknown arguments.
        KeyError: in training, for a place whose name is not logged.
        OSError: in training, for a path that is a folder.

    Example:
        >>> import kerasish as keras, numpy as np, os, tempfile
        >>> x = y = np.ones((2, 1))
        >>> folder = tempfile.mkdtemp()
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> path = os.path.join(folder, "{epoch:02d}.weights.h5")
        >>> save = keras.callbacks.ModelCheckpoint(path, save_weights_only=True)
        >>> history = model.fit(x, y, epochs=2, verbose=0, callbacks=[save])
        >>> sorted(os.listdir(folder))
        ['01.weights.h5', '02.weights.h5']
    """

    first_rank_alone = True
    takes_whole_tables = True

    def __init__(
        self,
        filepath: PathLike,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: int | str = "epoch",
        initial_value_threshold: float | None = None,
        max_to_keep: int | None = None,
        background: bool = False,
        **kwargs: Any,
    ) -> None:
        self.period = _old_period(kwargs)
        self.filepath = os.fspath(filepath)
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self._count = BatchCount(check_frequency("save_freq", save_freq, ("epoch",), "ModelCheckpoint"))
        _check_ending(self.filepath, save_weights_only)
        _check_template(self.filepath)
        super().__init__(monitor, mode, initial_value_threshold)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.max_to_keep = _checked_number_to_keep(max_to_keep, self.filepath)
        self.background = bool(background)
        self._saving: Any = None  # the save that goes on in a thread
        self._kept = []  # paths, the oldest first
        self._current_epoch = 0
        self._epochs_since_last_saving = 0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._current_epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self._should_save_on_batch(batch):
            self._save_model(self._current_epoch, batch, logs)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self.save_freq != "epoch":
            return
        self._epochs_since_last_saving += 1
        if self._epochs_since_last_saving >= self.period:
            self._epochs_since_last_saving = 0
            self._save_model(epoch, None, logs)

    def on_train_end(self, logs: Logs = None) -> None:
        self._wait()

    def state_dict(self) -> dict[str, Any]:
        return {
            "best": self.best,
            "_kept": self._kept,
            "_current_epoch": self._current_epoch,
            "_epochs_since_last_saving": self._epochs_since_last_saving,
            "count": self._count.state,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._count.state = state["count"]
        super().load_state_dict({name: value for name, value in state.items() if name != "count"})

    def _should_save_on_batch(self, batch):
        """Packages' subclasses call this, `_get_file_path` and `_save_model` by Keras's names."""
        return self._count.is_due(batch)

    def _save_model(self, epoch, batch, logs):
        logs = {} if logs is None else logs
        path = self._get_file_path(epoch, batch, logs)
        if self.save_best_only:
            if not self._is_best(epoch, logs, path):
                return
        elif self.verbose > 0:
            say(f"Epoch {epoch + 1}: saving model to {path}")
        if os.path.isdir(path):
            raise OSError(f"`filepath` of `ModelCheckpoint` must name a file, but {path} is a folder. Add a file name.")
        folder = os.path.dirname(path)
        if folder and not is_remote(path):
            os.makedirs(folder, exist_ok=True)
        with whole_tables(self.model):
            if leads():
                self._save_to(path, epoch)

    def _save_to(self, path, epoch):
        if self.background:
            self._wait()
            self._saving = self.model.save_in_background(path, self.save_weights_only, overwrite=True)
            self._unfinished = epoch, path
        else:
            save = self.model.save_weights if self.save_weights_only else self.model.save
            save(path, overwrite=True)
            self._finish(epoch, path)

    def _wait(self):
        """Wait for the save in the thread, if there is one."""
        saving, self._saving = self._saving, None
        if saving is not None:
            saving.wait()
            self._finish(*self._unfinished)

    def _finish(self, epoch, path):
        if self.verbose > 0:
            say(f"Epoch {epoch + 1}: finished saving model to {path}")
        self._remove_old(path)

    def _remove_old(self, newest):
        """Remove the oldest files of this callback's, once the newest is whole."""
        self._kept = [path for path in self._kept if path != newest] + [newest]
        while self.max_to_keep is not None and len(self._kept) > self.max_to_keep:
            with suppress(FileNotFoundError):  # somebody else was first
                oldest = self._kept.pop(0)
                remove(oldest) if is_remote(oldest) else os.remove(oldest)

    def _is_best(self, epoch, logs, path):
        current = self._monitored(logs, "Can save best model only with")
        if current is None:
            return True
        if getattr(current, "ndim", 0):
            message = "Can save best model only when `monitor` is a scalar value."
            warnings.warn(f"{message} Received: {current}. Falling back to `save_best_only=False`.", stacklevel=2)
            return True
        best = "None" if self.best is None else f"{self.best:.5f}"
        if not self._is_improvement(current, self.best):
            if self.verbose > 0:
                say(f"Epoch {epoch + 1}: {self.monitor} did not improve from {best}")
            return False
        if self.verbose > 0:
            say(f"Epoch {epoch + 1}: {self.monitor} improved from {best} to {current:.5f}, saving model to {path}")
        self.best = current
        return True

    def _get_file_path(self, epoch, batch, logs):
        """The template filled in. A log called "batch" goes before the number of the batch."""
        values = collections.ChainMap({"epoch": epoch + 1}, logs, {} if batch is None else {"batch": batch + 1})
        failed = f'Failed to format this callback filepath: "{self.filepath}". Reason:'
        try:
            return self.filepath.format_map(values)
        except KeyError as error:
            raise KeyError(f"{failed} {error} is not logged. Known: {', '.join(sorted(values))}.") from None
        except (ValueError, TypeError) as error:
            raise ValueError(f"{failed} {error}. Logged: {dict(values)}.") from None


def _checked_number_to_keep(max_to_keep, filepath):
    if max_to_keep is not None:
        if isinstance(max_to_keep, bool) or not isinstance(max_to_keep, int) or max_to_keep < 1:
            raise ValueError(
                f"`max_to_keep` of `ModelCheckpoint` must be a positive int, or None to keep all, got {max_to_keep!r}."
            )
        if filepath.endswith(".weights.json"):
            raise ValueError(
                "`max_to_keep` of `ModelCheckpoint` is for models in one file; weights in several (`.weights.json`) "
                "are kept by hand. Let `filepath` end in `.weights.h5`."
            )
    return max_to_keep


def _old_period(kwargs):
    """Keras 2 could save every so many epochs."""
    period = kwargs.pop("period", None)
    kwargs.pop("load_weights_on_restart", None)
    refuse_unknown("ModelCheckpoint", kwargs, ModelCheckpoint)
    if period is None:
        return 1
    deprecation.warn_renamed("ModelCheckpoint", "period", "save_freq")
    if isinstance(period, bool) or not isinstance(period, int) or period < 1:
        raise ValueError(f"`period` of `ModelCheckpoint` must be a positive number of epochs, got {period!r}.")
    return period


def _check_ending(filepath, weights):
    """Refuse at once, and not after the first epoch, a path to which nothing could be saved."""
    received = f"Received: filepath={filepath}"
    if weights and not filepath.endswith(_WEIGHT_ENDINGS):
        raise ValueError(
            "When using `save_weights_only=True` in `ModelCheckpoint`, the filepath provided must end in `.weights.h5` "
            f"(Keras weights format), `.weights.json` (the same in several files) or `.safetensors`. {received}"
        )
    if not weights and (filepath.endswith(_WEIGHT_ENDINGS) or not filepath.endswith(_MODEL_ENDINGS)):
        raise ValueError(
            "The filepath provided must end in `.keras` (Keras model format), or in `.h5` or `.hdf5` (that of Keras 1 "
            "and 2). For weights alone pass "
            f"`save_weights_only=True` and a filepath that ends in `.weights.h5`. {received}"
        )


def _check_template(filepath):
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(filepath) if name is not None]
    except ValueError as error:
        problem = f"The filepath provided is no valid template: {error}. Write a brace itself twice."
        raise ValueError(f"{problem} Received: filepath={filepath}") from None
    if any(not name or name[0].isdigit() for name in names):
        problem = 'Places in the filepath provided must be named, as in "{epoch:02d}.keras".'
        raise ValueError(f"{problem} Received: filepath={filepath}")
