"""A learning rate that falls when training no longer improves."""

from __future__ import annotations

from typing import Any

from kerasish.backend import deprecation
from kerasish.callbacks.learning_rate import log_learning_rates, optimizers_of, read_learning_rate
from kerasish.callbacks.monitor import MonitorCallback
from kerasish.callbacks.plain_logs import rounded
from kerasish.suggestions import refuse_unknown
from kerasish.typing import Logs
from kerasish.utils.console import say


class ReduceLROnPlateau(MonitorCallback):
    """Multiplies the learning rate by `factor` when a monitored quantity has stopped improving.

    The rate is logged as "learning_rate".

    A `monitor` that is not logged gives a warning, and training goes on.

    Args:
        monitor: name of the log to watch, e.g. "val_loss".
        factor: float below 1; new rate = rate * factor.
        patience: number of epochs without improvement after which the rate is reduced.
        verbose: int; 1 prints each reduction, 0 nothing.
        mode: "min", "max" or "auto" (known from the metric or its name).
        min_delta: float; a smaller change is no improvement.
        cooldown: number of epochs after a reduction in which none is counted.
        min_lr: float below which the rate does not fall.
        **kwargs: `epsilon`, the name of `min_delta` in Keras 1 and 2 (with a DeprecationWarning).

    Raises:
        ValueError: for a `factor` of 1 or more; in training, where mode "auto" can't know which is better.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> x = y = np.ones((2, 1))
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
        >>> model.compile(keras.optimizers.SGD(0.5), "mse")
        >>> reduce = keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=1)
        >>> model.fit(x, y, epochs=4, verbose=0, callbacks=[reduce]).history["learning_rate"]
        [0.5, 0.5, 0.25, 0.125]
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **kwargs: Any,
    ) -> None:
        old = deprecation.renamed("ReduceLROnPlateau", kwargs, {"epsilon": "min_delta"})
        min_delta = old.pop("min_delta", min_delta)
        refuse_unknown("ReduceLROnPlateau", old, ReduceLROnPlateau)
        if factor >= 1.0:
            raise ValueError(f"ReduceLROnPlateau does not support a factor >= 1.0. Received factor={factor}")
        super().__init__(monitor, mode, min_delta=min_delta)
        self.factor = factor
        self.min_lr = min_lr
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.cooldown_counter = 0
        self.wait = 0

    def on_train_begin(self, logs: Logs = None) -> None:
        self.best = None
        self.cooldown_counter = 0
        self.wait = 0

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = {} if logs is None else logs
        log_learning_rates(self.model, logs)
        current = self._monitored(logs, "Learning rate reduction is conditioned on")
        if current is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_improvement(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._reduce_all(epoch):
                self.cooldown_counter = self.cooldown
                self.wait = 0

    def state_dict(self) -> dict[str, Any]:
        return {
            "best": self.best,
            "wait": self.wait,
            "cooldown_counter": self.cooldown_counter,
        }

    def in_cooldown(self) -> bool:
        """Whether a reduction is so recent that epochs are not counted yet."""
        return self.cooldown_counter > 0

    def _reduce_all(self, epoch):
        """Reduce what is above `min_lr`; returns whether anything was."""
        optimizers = optimizers_of(self.model).items()
        return any([self._reduce(optimizer, epoch, log_name) for log_name, optimizer in optimizers])

    def _reduce(self, optimizer, epoch, log_name):
        old = read_learning_rate(optimizer)
        # The optimizer holds its rate in single precision, so that `min_lr` comes back rounded.
        if rounded(old) <= rounded(self.min_lr):
            return False
        new = max(old * self.factor, self.min_lr)
        optimizer.learning_rate = new
        if self.verbose > 0:
            which = "learning rate" if log_name == "learning_rate" else f"{optimizer.name} learning rate"
            say(f"Epoch {epoch + 1}: ReduceLROnPlateau reducing {which} to {new}.")
        return True
