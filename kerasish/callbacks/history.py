"""The record of a training."""

from __future__ import annotations

from typing import Any

from kerasish.callbacks.callback import Callback
from kerasish.typing import Logs


class History(Callback):
    """Records the logs of each epoch. `fit` adds one by itself and returns it.

    Attributes:
        history: dict from name to list of floats, one an epoch in which the name was logged.
        epoch: list of the numbers of the epochs, from 0.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> x = y = np.ones((2, 1))
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> history = model.fit(x, y, epochs=2, verbose=0)
        >>> history.epoch, sorted(history.history)
        ([0, 1], ['loss'])
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []

    def state_dict(self) -> dict[str, Any]:
        return {
            "epoch": self.epoch,
            "history": self.history,
        }

    def on_train_begin(self, logs: Logs = None) -> None:
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        if self.model is not None:
            self.model.history = self
