"""An end to trainings that no longer improve."""

from __future__ import annotations

from typing import Any

from kerasish.callbacks.monitor import MonitorCallback
from kerasish.typing import Logs
from kerasish.utils.console import say


class EarlyStopping(MonitorCallback):
    """Stops training when a monitored quantity has stopped improving.

    A `monitor` that is not logged gives a warning, and training goes on.

    Args:
        monitor: name of the log to watch, e.g. "val_loss".
        min_delta: float; a smaller change is no improvement.
        patience: number of epochs without improvement after which training stops.
        verbose: int; 1 prints what is done, 0 nothing.
        mode: "min", "max" or "auto" (known from the metric or its name).
        baseline: float that has to be beaten within `patience` epochs, or None.
        restore_best_weights: whether the model gets back the weights of its best epoch when training ends, whether or
            not that beat `baseline`.
        start_from_epoch: number of epochs to let pass before watching.

    Raises:
        ValueError: in training, where mode "auto" can't know which is better.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> x = y = np.ones((2, 1))
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(keras.optimizers.SGD(0.0), "mse")
        >>> stop = keras.callbacks.EarlyStopping("loss", patience=2)
        >>> len(model.fit(x, y, epochs=100, verbose=0, callbacks=[stop]).epoch)
        3
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._start()

    def _start(self):
        self.wait = 0
        self.stopped_epoch = 0
        self.best = None
        self.best_weights = None
        self.best_epoch = 0

    def on_train_begin(self, logs: Logs = None) -> None:
        self._start()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        current = self.get_monitor_value(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        improved = self._is_improvement(current, self.best)
        if self.restore_best_weights and (improved or self.best_weights is None):
            self.best_weights = self.model.get_weights()
            self.best_epoch = epoch
        self.wait += 1
        if improved:
            self.best = current
            self.best_epoch = epoch
            if self.baseline is None or self._is_improvement(current, self.baseline):
                self.wait = 0
        # A first epoch never ends a training: nothing can have improved on it yet.
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs = None) -> None:
        if self.stopped_epoch > 0 and self.verbose > 0:
            say(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose > 0:
                say(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)

    def state_dict(self) -> dict[str, Any]:
        return {
            "wait": self.wait,
            "stopped_epoch": self.stopped_epoch,
            "best": self.best,
            "best_weights": self.best_weights,
            "best_epoch": self.best_epoch,
        }

    def get_monitor_value(self, logs: Logs) -> float | None:
        """The value of `monitor` as a float, or None after a warning where it was not logged.

        Args:
            logs: dict of an epoch's loss and metrics.
        """
        return self._monitored(logs, "Early stopping conditioned on")
