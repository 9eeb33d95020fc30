"""The base class of callbacks, and what counts as a hook that a callback overrides."""

from __future__ import annotations

from typing import Any

from kerasish.typing import Logs

HOOKS = (
    "on_batch_begin",
    "on_batch_end",
    "on_epoch_begin",
    "on_epoch_end",
    "on_train_begin",
    "on_train_end",
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_test_begin",
    "on_test_end",
    "on_test_batch_begin",
    "on_test_batch_end",
    "on_predict_begin",
    "on_predict_end",
    "on_predict_batch_begin",
    "on_predict_batch_end",
)

# A callback that overrides only the old name of a hook is called under the new one.
_OLD_NAMES = {"on_train_batch_begin": "on_batch_begin", "on_train_batch_end": "on_batch_end"}


class Callback:
    """Base class of callbacks: override the hooks you need; the others cost nothing.

    Batches and epochs are counted from 0. `logs` is a dict from names to floats, never None when a model calls; what a
    hook adds to the `logs` of an epoch later callbacks and the `History` see. The `logs` of a batch are read lazily: a
    number is fetched from the device when it is looked at, so look no more often than needed.

    Attributes:
        params: dict of the run's "verbose", "epochs" and "steps" (batches an epoch, None where unknown).
        model: the model that is being run. Set `model.stop_training = True` to end `fit` after the current batch.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> x = y = np.ones((2, 1))
        >>> class Count(keras.callbacks.Callback):
        ...     batches = 0
        ...     def on_train_batch_end(self, batch, logs=None):
        ...         self.batches += 1
        >>> count = Count()
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> history = model.fit(x, y, batch_size=1, epochs=3, verbose=0, callbacks=[count])
        >>> count.batches
        6
    """

    # On the class, so that subclasses that forget `super().__init__()` work.
    params = None
    _model = None

    def __init__(self) -> None:
        self.params = None
        self._model = None

    @property
    def model(self) -> Any:
        """The model that is being trained, evaluated or asked for predictions."""
        return self._model

    @model.setter
    def model(self, model: Any) -> None:
        self._model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called before a run with its parameters, a dict."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Called before a run with its model."""
        self._model = model

    def on_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Older name of `on_train_batch_end`."""

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Called in `fit` before each epoch. epoch: int from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Called in `fit` after each epoch. logs: dict of its metrics, those of the validation named "val_..."."""

    def on_train_begin(self, logs: Logs = None) -> None:
        """Called once before `fit` trains."""

    def on_train_end(self, logs: Logs = None) -> None:
        """Called once when `fit` is done. logs: dict of the last epoch's metrics."""

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before each training batch (every `steps_per_execution` batches). batch: int from 0 in each epoch."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after each training batch (every `steps_per_execution` batches). logs: metrics of the epoch so far."""
        self.on_batch_end(batch, logs=logs)

    def on_test_begin(self, logs: Logs = None) -> None:
        """Called before `evaluate`, and before each validation in `fit`."""

    def on_test_end(self, logs: Logs = None) -> None:
        """Called after `evaluate`, and after each validation in `fit`. logs: dict of the metrics, without "val_"."""

    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before each batch of `evaluate` and of validation."""

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after each batch of `evaluate` and of validation. logs: dict of the metrics so far."""

    def on_predict_begin(self, logs: Logs = None) -> None:
        """Called once before `predict`."""

    def on_predict_end(self, logs: Logs = None) -> None:
        """Called once after `predict`."""

    def on_predict_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before each batch of `predict`."""

    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after each batch of `predict`. logs: {"outputs": the outputs of the batch}."""


def overridden(callback: Any, name: str) -> Any:
    """What to call at the hook `name`: the callback's own method, or None where it has but the empty one."""
    method = getattr(callback, name, None)
    function = getattr(method, "__func__", method)
    # `_is_default` is how real Keras marks its empty hooks: a callback of another library may descend from those.
    if function is None or function is getattr(Callback, name) or getattr(function, "_is_default", False):
        return overridden(callback, _OLD_NAMES[name]) if name in _OLD_NAMES else None
    return method
