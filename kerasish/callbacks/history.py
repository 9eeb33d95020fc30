"""The record of a training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.callbacks.callback import Callback
from kerasish.callbacks.curves import draw_curves, html_table
from kerasish.typing import Logs


class History(Callback):
    """Records the logs of each epoch. `fit` adds one by itself and returns it.

    A notebook shows it as a table; `plot()` draws curves.

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

    def plot(self, names: str | Sequence[str] | None = None, axes: Any = None) -> Any:
        """Draw the logs as curves, the training solid, the validation dashed.

        Args:
            names: which to draw, a name or a list of names without "val_"; None: all.
            axes: of matplotlib, one a name, to draw into; None makes a figure.

        Returns:
            The figure, which a notebook shows; `figure.savefig("curves.png")` writes it.

        Raises:
            ValueError: for a name that was not logged, and before the first epoch.
            ImportError: where matplotlib is not installed.
        """
        return draw_curves(self.history, self.epoch, names, axes)

    def _repr_html_(self):
        return html_table(self.history, self.epoch)
