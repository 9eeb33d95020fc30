"""A learning rate that a function chooses each epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from kerasish.callbacks.callback import Callback
from kerasish.callbacks.learning_rate import log_learning_rates, optimizers_of, read_learning_rate
from kerasish.typing import Logs
from kerasish.utils.console import say


class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch, and logs it as "learning_rate".

    Args:
        schedule: function of (epoch, learning rate), or of (epoch) alone, that returns the new rate as a float.
        verbose: int; 1 prints each setting, 0 nothing.

    Raises:
        ValueError: in training, where `schedule` returns no float or the optimizer has no learning rate.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> x = y = np.ones((2, 1))
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(keras.optimizers.SGD(0.5), "mse")
        >>> halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
        >>> model.fit(x, y, epochs=3, verbose=0, callbacks=[halve]).history["learning_rate"]
        [0.25, 0.125, 0.0625]
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        for log_name, optimizer in optimizers_of(self.model).items():
            rate = self._scheduled(optimizer, epoch)
            optimizer.learning_rate = rate
            if self.verbose > 0:
                which = "learning rate" if log_name == "learning_rate" else f"{optimizer.name} learning rate"
                say(f"Epoch {epoch + 1}: LearningRateScheduler setting {which} to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if logs is not None:
            log_learning_rates(self.model, logs)

    def _scheduled(self, optimizer, epoch):
        if not hasattr(optimizer, "learning_rate"):
            raise ValueError(f'Optimizer must have a "learning_rate" attribute, which {optimizer!r} has not.')
        arguments = (epoch, read_learning_rate(optimizer)) if _takes_two(self.schedule) else (epoch,)
        rate = self.schedule(*arguments)
        if not isinstance(rate, float) and not _is_float_scalar(rate):
            raise ValueError(f"The output of the `schedule` function should be a float. Got {rate!r} in epoch {epoch}.")
        return float(rate)


def _is_float_scalar(value):
    return getattr(value, "ndim", None) == 0 and "float" in str(getattr(value, "dtype", ""))


def _takes_two(function):
    """Whether `function` can be called with (epoch, rate); that of old programs takes the epoch alone."""
    try:
        inspect.signature(function).bind(0, 0.0)
    except TypeError:
        return False
    except ValueError:  # A built-in function without a signature.
        return True
    return True
