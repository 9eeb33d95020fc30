"""Models saved while they are trained, in the folders of Orbax."""

from __future__ import annotations

import json
import os
from typing import Any

from kerasish.callbacks.batch_count import BatchCount, check_frequency
from kerasish.callbacks.monitor import MonitorCallback
from kerasish.configs.serialization import serialize_keras_object
from kerasish.distribution.shares import leads
from kerasish.optional import needed
from kerasish.typing import Logs, PathLike
from kerasish.utils.console import say


class OrbaxCheckpoint(MonitorCallback):
    """Saves the state tree of the model, and its config, as a step of an Orbax checkpoint, on a thread of its own.

    The package `orbax-checkpoint` does so. Steps are epochs, from 0, or with an int in `save_freq` the batches seen.
    Keras's `load_weights` reads the folder.

    Args:
        directory: path of the folder of the checkpoints. It is made where it is missing.
        monitor: name of the log that tells which model is best; taken with `save_best_only`.
        verbose: int; 1 prints what is saved, 0 nothing.
        save_best_only: whether to save only a model better than all before.
        mode: "min", "max" or "auto" (known from the metric or its name).
        save_freq: "epoch" to save at the end of each epoch, or an int, the number of batches between savings, counted
            on over epochs.
        initial_value_threshold: float that the first best model has to beat, or None.
        max_to_keep: int, the number of the newest checkpoints to keep; None keeps all.
        save_on_background: whether training goes on while the files are written; the end of training waits for them.
        save_weights_only: whether to leave out the config of the model.

    Raises:
        ImportError: where `orbax-checkpoint` is not installed.
        ValueError: for another `save_freq` or `max_to_keep`.

    Example:
        >>> import kerasish as keras
        >>> save = keras.callbacks.OrbaxCheckpoint("checkpoints", max_to_keep=3)  # doctest: +SKIP
    """

    first_rank_alone = True
    takes_whole_tables = True

    def __init__(
        self,
        directory: PathLike,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        mode: str = "auto",
        save_freq: int | str = "epoch",
        initial_value_threshold: float | None = None,
        max_to_keep: int | None = 1,
        save_on_background: bool = True,
        save_weights_only: bool = False,
    ) -> None:
        super().__init__(monitor, mode, initial_value_threshold)
        if max_to_keep is not None and (
            isinstance(max_to_keep, bool) or not isinstance(max_to_keep, int) or max_to_keep < 1
        ):
            raise ValueError(
                f"`max_to_keep` of `OrbaxCheckpoint` must be a positive int, or None to keep all, got {max_to_keep!r}."
            )
        self.directory = os.path.abspath(os.fspath(directory))
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_freq = save_freq
        self.max_to_keep = max_to_keep
        self.save_on_background = save_on_background
        self.save_weights_only = save_weights_only
        self._count = BatchCount(check_frequency("save_freq", save_freq, ("epoch",), "OrbaxCheckpoint"))
        self._orbax = _orbax()
        self._checkpointer = None

    def on_train_begin(self, logs: Logs = None) -> None:
        policies = self._orbax.training.preservation_policies
        self._checkpointer = self._orbax.training.Checkpointer(
            self.directory,
            preservation_policy=policies.PreserveAll()
            if self.max_to_keep is None
            else policies.LatestN(self.max_to_keep),
        )

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self._count.is_due(batch):
            self._save(self._count.total, logs)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self.save_freq == "epoch":
            self._save(epoch, logs)

    def on_train_end(self, logs: Logs = None) -> None:
        self.wait_until_finished()
        if self._checkpointer is not None:
            self._checkpointer.close()
            self._checkpointer = None

    def wait_until_finished(self) -> None:
        """Return when all that was begun is written."""
        if self._checkpointer is not None:
            self._checkpointer.wait()

    def is_multihost_enabled(self) -> bool:
        """Whether several machines write one checkpoint: never here."""
        return False

    def is_primary_host(self) -> bool:
        """Whether this machine is the one that writes."""
        return True

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "count": self._count.state}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.best, self._count.state = state["best"], state["count"]

    def _abandon(self):
        self.on_train_end()

    def _save(self, step, logs):
        if self.save_best_only and not self._is_best(logs):
            return
        if self.verbose > 0:
            say(f"Step {step}: OrbaxCheckpoint saving to {self.directory}")
        parts = {"pytree": self.model.get_state_tree(value_format="numpy_array")}
        if not leads():
            return
        if not self.save_weights_only:
            parts["model_config"] = {"config": json.dumps(serialize_keras_object(self.model))}
        if self.save_on_background:
            self.wait_until_finished()  # Orbax leaves out a checkpoint that comes while another is written
            self._checkpointer.save_checkpointables_async(step, parts, overwrite=True)
        else:
            self._checkpointer.save_checkpointables(step, parts, overwrite=True)

    def _is_best(self, logs):
        current = self._monitored(logs, "Can save best model only with")
        if current is None or not self._is_improvement(current, self.best):
            return current is None
        self.best = current
        return True


def _orbax():
    return needed(
        "orbax.checkpoint.experimental.v1",
        "`OrbaxCheckpoint` needs the package `orbax-checkpoint`: pip install orbax-checkpoint. Without it, "
        "`ModelCheckpoint` saves models in Keras's own formats.",
    )
