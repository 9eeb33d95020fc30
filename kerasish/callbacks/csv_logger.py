"""Epochs as the rows of a CSV file."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from typing import Any

from kerasish.callbacks.callback import Callback
from kerasish.typing import Logs, PathLike
from kerasish.whole_files import replacing


class CSVLogger(Callback):
    """Writes the logs of each epoch as a row of a CSV file.

    The columns are "epoch" (from 0) and the names logged in the first epoch, sorted. Where that epoch was not
    validated, each gets a "val_" twin, so that later validations have a place. A value that is missing is "NA".

    Args:
        filename: path of the file.
        separator: string between the values, one character.
        append: whether to go on with an existing file rather than to replace it.

    Raises:
        OSError: at the begin of training, where the file can't be written.

    Example:
        >>> import kerasish as keras, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "log.csv")
        >>> log = keras.callbacks.CSVLogger(path)
        >>> log.on_train_begin(); log.on_epoch_end(0, {"loss": 0.5, "val_loss": 0.75}); log.on_train_end()
        >>> print(open(path).read().strip())
        epoch,loss,val_loss
        0,0.5,0.75
    """

    first_rank_alone = True

    def __init__(self, filename: PathLike, separator: str = ",", append: bool = False) -> None:
        super().__init__()
        self.filename = os.fspath(filename)
        self.sep = separator
        self.append = append
        self.append_header = True
        self.writer = self.keys = self.csv_file = None
        if not isinstance(separator, str) or len(separator) != 1:
            raise ValueError(f"`separator` of `CSVLogger` must be a string of one character, got {separator!r}.")

    def on_train_begin(self, logs: Logs = None) -> None:
        if self.append and os.path.exists(self.filename):
            self.append_header = os.path.getsize(self.filename) == 0
        self._close()
        self.csv_file = open(self.filename, "a" if self.append else "w", newline="", encoding="utf-8")
        self.writer = self.keys = None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = logs or {}
        if self.writer is None:
            self._begin_table(logs)
        self.writer.writerow([epoch, *(_cell(logs.get(key, "NA")) for key in self.keys)])
        self.csv_file.flush()

    def on_train_end(self, logs: Logs = None) -> None:
        self._close()
        self.writer = None

    def state_dict(self) -> dict[str, Any]:
        if self.csv_file is None:
            return {}
        with open(self.filename, newline="", encoding="utf-8") as file:
            return {"text": file.read(), "keys": self.keys}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Let the file be as it was: rows that came after that are written again.

        Args:
            state: what `state_dict` gave.
        """
        self._close()
        with replacing(self.filename) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
            file.write(state["text"])
        self.csv_file = open(self.filename, "a", newline="", encoding="utf-8")
        self.keys = state["keys"]
        self.writer = None if self.keys is None else csv.writer(self.csv_file, delimiter=self.sep)

    def _abandon(self):
        self._close()

    def _begin_table(self, logs):
        self.keys = sorted(logs)
        if not any(key.startswith("val_") for key in self.keys):
            self.keys += [f"val_{key}" for key in self.keys]
        self.writer = csv.writer(self.csv_file, delimiter=self.sep)
        if self.append_header:
            self.writer.writerow(["epoch", *self.keys])

    def _close(self):
        if self.csv_file is not None and not self.csv_file.closed:
            self.csv_file.close()


def _cell(value):
    """A sequence becomes one quoted cell; strings and numbers stay."""
    if isinstance(value, str) or not isinstance(value, Iterable) or getattr(value, "ndim", 1) == 0:
        return value
    return f'"[{", ".join(map(str, value))}]"'
