"""An end to trainings that have diverged."""

from __future__ import annotations

import math

from kerasish.callbacks.callback import Callback
from kerasish.typing import Logs
from kerasish.utils.console import say


class TerminateOnNaN(Callback):
    """Stops training when the loss of a batch is NaN or infinite.

    Reading the loss after each batch makes a GPU wait for it.

    Args:
        raise_error: whether to raise RuntimeError at once, instead of setting `model.stop_training`, so that no
            `on_train_end` runs and, say, backups are kept.

    Raises:
        RuntimeError: in training, where `raise_error`.

    Example:
        >>> import kerasish as keras
        >>> keras.callbacks.TerminateOnNaN(raise_error=True).on_batch_end(7, {"loss": float("nan")})
        Traceback (most recent call last):
        ...
        RuntimeError: NaN or Inf loss encountered at batch 7. Loss value: nan. Terminating training immediately.
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            found = f"NaN or Inf loss encountered at batch {batch}. Loss value: {loss}."
            raise RuntimeError(f"{found} Terminating training immediately.")
        say(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True
