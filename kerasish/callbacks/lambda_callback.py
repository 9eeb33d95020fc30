"""A callback made of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.callbacks.callback import HOOKS, Callback
from kerasish.suggestions import did_you_mean, in_backticks


class LambdaCallback(Callback):
    """Calls the given functions at the hooks of the same names.

    Args:
        on_epoch_begin: function of (epoch, logs), called before each epoch, or None; so are the others.
        on_epoch_end: function of (epoch, logs), called after each epoch.
        on_train_begin: function of (logs), called once before training.
        on_train_end: function of (logs), called once after training.
        on_train_batch_begin: function of (batch, logs), called before each batch; `logs` comes by keyword.
        on_train_batch_end: function of (batch, logs), called after each batch; `logs` comes by keyword.
        **kwargs: functions for any other hook of `Callback`, e.g. `on_test_end`; what is no hook becomes an attribute.

    Raises:
        TypeError: for a name that is no hook, or a value that can't be called.

    Example:
        >>> import kerasish as keras
        >>> show = lambda epoch, logs: print(epoch, logs["loss"])
        >>> callback = keras.callbacks.LambdaCallback(on_epoch_end=show)
        >>> callback.on_epoch_end(3, {"loss": 0.5})
        3 0.5
    """

    def __init__(
        self,
        on_epoch_begin: Callable[..., Any] | None = None,
        on_epoch_end: Callable[..., Any] | None = None,
        on_train_begin: Callable[..., Any] | None = None,
        on_train_end: Callable[..., Any] | None = None,
        on_train_batch_begin: Callable[..., Any] | None = None,
        on_train_batch_end: Callable[..., Any] | None = None,
        **kwargs: Callable[..., Any],
    ) -> None:
        super().__init__()
        functions = dict(
            on_epoch_begin=on_epoch_begin,
            on_epoch_end=on_epoch_end,
            on_train_begin=on_train_begin,
            on_train_end=on_train_end,
            on_train_batch_begin=on_train_batch_begin,
            on_train_batch_end=on_train_batch_end,
            **kwargs,
        )
        for name, function in functions.items():
            if name not in HOOKS and name.startswith("on_"):
                hint = did_you_mean(name, HOOKS, quoted=in_backticks, otherwise=f" Known: {', '.join(HOOKS)}.")
                raise TypeError(f"`LambdaCallback` knows no hook `{name}`.{hint}")
            if name in HOOKS and function is not None and not callable(function):
                raise TypeError(f"`{name}` of `LambdaCallback` must be a function, got {function!r}.")
        for name, function in functions.items():
            if function is not None:
                setattr(self, name, function)
