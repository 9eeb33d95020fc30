"""A trial: a model is built as hyperparameters say, and trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kerasish.callbacks import Callback
from kerasish.tuning.hyperparameters import HyperParameters
from kerasish.tuning.parameter import Parameter
from kerasish.typing import Logs


class Fit:
    """A trial made of a function that builds a model, and of what `fit` gets.

    A trial is any function `trial(hp, callbacks)` that trains with these callbacks and returns what `fit` returned, or
    a number. Write one of your own where a hyperparameter is none of the model's, such as the batch size.

    Args:
        build: function that takes `HyperParameters` and returns a compiled model.

        *args: of `fit`: x, y, ...

        **kwargs: of `fit`: `epochs`, `validation_data`, ...; `callbacks` is a list, or a function that makes one, for
            callbacks that can't train twice.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> def build(hp):
        ...     model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(hp.Int("units", 1, 4))])
        ...     model.compile("sgd", "mse")
        ...     return model
        >>> trial = keras.tuning.Fit(build, np.ones((4, 2)), np.ones((4, 1)), epochs=3, verbose=0)
        >>> trial(keras.tuning.HyperParameters({"units": 2})).epoch
        [0, 1, 2]
    """

    def __init__(self, build: Callable[[HyperParameters], Any], *args: Any, **kwargs: Any) -> None:
        self.build = build
        self.args = args
        self.kwargs = kwargs

    def __call__(self, hp: HyperParameters, callbacks: Sequence[Any] = ()) -> Any:
        """Build, train, and return the `History`.

        Args:
            hp: the hyperparameters.
            callbacks: list of callbacks to train with, besides one's own.
        """
        kwargs = dict(self.kwargs)
        own = kwargs.pop("callbacks", None) or []
        own = own() if callable(own) and not isinstance(own, Callback) else own
        own = list(own) if isinstance(own, (list, tuple)) else [own]
        return self.build(hp).fit(*self.args, callbacks=[*own, *callbacks], **kwargs)


def search_space(trial: Callable[..., Any]) -> dict[str, Parameter]:
    """The hyperparameters of a trial, found by beginning it with their defaults; it ends before its first step.

    What only other values ask for (below an `if`) is not among them.

    Args:
        trial: a `Fit`, or function `trial(hp, callbacks)`.

    Returns:
        Dict from names to `Parameter`s.

    Example:
        >>> import kerasish as keras
        >>> space = keras.tuning.search_space(lambda hp, callbacks: hp.Float("rate", 0.1, 0.5))
        >>> space["rate"].facts()
        {'name': 'rate', 'kind': 'float', 'default': 0.1, 'low': 0.1, 'high': 0.5}
    """
    hp = HyperParameters()
    try:
        trial(hp, [_Stop()])
    except _Known:
        pass
    return hp.space


class _Known(Exception):
    """Raised where the training would begin."""


class _Stop(Callback):
    def on_train_begin(self, logs: Logs = None) -> None:
        raise _Known
