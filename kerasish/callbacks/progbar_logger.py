"""The progress of training on screen."""

from __future__ import annotations

from typing import Any

from kerasish.callbacks.callback import Callback
from kerasish.callbacks.progress import Progress
from kerasish.typing import Logs
from kerasish.utils.console import in_notebook, is_watched, say
from kerasish.utils.live_line import live_line


class ProgbarLogger(Callback):
    """Shows count, time a step, loss and metrics. `fit`, `evaluate` and `predict` add one by themselves.

    `verbose` of the run says how: 0 nothing; 2 a line of text an epoch; 1 or "auto" a bar that moves as well, on a
    terminal in place of the line, in a notebook above the lines while the run lasts. Where standard output is neither,
    nothing moves. The validation in `fit` shows in the logs of the epoch only.

    Example:
        >>> import kerasish as keras
        >>> bar = keras.callbacks.ProgbarLogger()
        >>> bar.set_params({"verbose": 2, "epochs": 3, "steps": 1})
        >>> bar.on_train_begin(); bar.on_epoch_begin(0); bar.on_train_batch_end(0)
        >>> bar.on_epoch_end(0, {"loss": 0.25})  # doctest: +ELLIPSIS
        Epoch 1/3 - 1/1 - 0s - .../step - loss: 0.2500
    """

    first_rank_alone = True

    def __init__(self) -> None:
        super().__init__()
        self.verbose = 1
        self.epochs = 1
        self.target = None
        self._progress = None
        self._line = None
        self._called_in_fit = False

    @property
    def seen(self) -> int:
        """Steps done in this pass."""
        return 0 if self._progress is None else self._progress.seen

    def set_params(self, params: dict[str, Any]) -> None:
        super().set_params(params)
        verbose = params.get("verbose", 1)
        self.verbose = 1 if verbose == "auto" else verbose
        self.epochs = params.get("epochs", 1)
        self.target = params.get("steps")

    def on_train_begin(self, logs: Logs = None) -> None:
        self._called_in_fit = True

    def on_train_end(self, logs: Logs = None) -> None:
        self._called_in_fit = False
        self._progress = None  # of an epoch that began, but had no data left
        self._clear()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        heading = f"Epoch {epoch + 1}/{self.epochs}" if self.epochs is not None and self.epochs > 1 else ""
        stands_alone = self.verbose == 1 and is_watched() and not in_notebook() or self.verbose not in (0, 1, 2)
        if heading and stands_alone:
            say(heading)
        self._begin("" if stands_alone else heading)
        if self._progress is not None:
            # At once: the first step may wait for the compiler.
            self._progress.show()

    def on_test_begin(self, logs: Logs = None) -> None:
        if not self._called_in_fit:
            self._begin()
        elif self._progress is not None:
            # Validation comes: the bar is full, and will stand for a while.
            self._progress.show()

    def on_predict_begin(self, logs: Logs = None) -> None:
        self._begin()

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self._progress is not None:
            self._progress.step(batch + 1, logs)

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self._progress is not None and not self._called_in_fit:
            self._progress.step(batch + 1, logs)

    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self._progress is not None:
            self._progress.step(batch + 1)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._finish(logs)

    def on_test_end(self, logs: Logs = None) -> None:
        if not self._called_in_fit:
            self._finish(logs)
            self._clear()

    def on_predict_end(self, logs: Logs = None) -> None:
        self._finish()
        self._clear()

    def _abandon(self):
        self._called_in_fit = False
        self._progress = None
        self._clear()

    def _begin(self, heading=""):
        self._progress = None
        if self.verbose in (1, 2):
            if self._line is None and self.verbose == 1:
                self._line = live_line()
            self._progress = Progress(self.target, heading, self._line)

    def _finish(self, logs=None):
        if self._progress is None:
            return
        # Where the number of steps was unknown, the first pass has found it.
        self.target = self.target or self._progress.seen
        self._progress.finish(logs)
        self._progress = None

    def _clear(self):
        if self._line is not None:
            self._line.clear()
            self._line = None
