"""Curves in a notebook that grow with every epoch."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from kerasish.callbacks.callback import Callback
from kerasish.callbacks.curves import draw_curves
from kerasish.scalars import positive_integer
from kerasish.suggestions import suggesting
from kerasish.typing import Logs, PathLike
from kerasish.utils.console import in_notebook
from kerasish.whole_files import replacing


class LivePlot(Callback):
    """Draws the logs of the epochs so far, in a notebook: a picture that grows while the model trains.

    Outside of notebooks it draws only into the file at `path`, where that is given.

    Args:
        names: which logs to draw, a name or a list of names without "val_"; None: all.
        every: draw after so many epochs, and in the end.
        path: of a picture that is written, too; None for none.

    Raises:
        ValueError: for an `every` below 1, and, in training, for a name that is not logged.
        ImportError: in training, where matplotlib is not installed.

    Example:
        >>> import kerasish as keras, numpy as np, os
        >>> x = y = np.ones((2, 1))
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> history = model.fit(x, y, epochs=3, verbose=0, callbacks=[keras.callbacks.LivePlot(path="loss.png")])
        >>> os.path.exists("loss.png")
        True
    """

    first_rank_alone = True

    @suggesting
    def __init__(self, names: str | Sequence[str] | None = None, every: int = 1, path: PathLike | None = None) -> None:
        super().__init__()
        self.names, self.every, self.path = names, positive_integer(every, "every"), path
        self._forget()

    def _forget(self):
        self._epochs: list[int] = []
        self._history: dict[str, list[float]] = {}
        self._shown: Any = None
        self._is_drawn = True

    def on_train_begin(self, logs: Logs = None) -> None:
        self._forget()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._epochs.append(epoch)
        for name, value in (logs or {}).items():
            self._history.setdefault(name, []).append(float(value))
        self._is_drawn = False
        if len(self._epochs) % self.every == 0:
            self._draw()

    def on_train_end(self, logs: Logs = None) -> None:
        if not self._is_drawn:
            self._draw()

    def _draw(self):
        self._is_drawn = True
        if not (in_notebook() or self.path):
            return
        picture = io.BytesIO()
        draw_curves(self._history, self._epochs, self.names).savefig(picture, format="png", dpi=80)
        if self.path:
            with replacing(self.path) as temporary, open(temporary, "wb") as file:
                file.write(picture.getvalue())
        if in_notebook():
            self._show(picture.getvalue())

    def _show(self, data):
        from IPython.display import Image, display  # an optional package

        if self._shown is None:
            self._shown = display(Image(data=data), display_id=True)
        else:
            self._shown.update(Image(data=data))
