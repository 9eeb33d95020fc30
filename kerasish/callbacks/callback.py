"""The base class of callbacks, and what counts as a hook that a callback overrides."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kerasish.suggestions import SuggestsArguments
from kerasish.typing import Logs

if TYPE_CHECKING:
    from kerasish.models.model import Model

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


class Callback(SuggestsArguments):
    """Base class of callbacks: override the hooks you need; the others cost nothing.

    Batches and epochs are counted from 0. `logs` is a dict from names to floats, never None when a model calls; what a
    hook adds to the `logs` of an epoch later callbacks and the `History` see. The `logs` of a batch are read lazily: a
    number is fetched from the device when it is looked at, so look no more often than needed.

    Attributes:
        params: dict of the run's "verbose", "epochs" and "steps" (batches an epoch, None where unknown).
        model: the model that is being run. Set `model.stop_training = True` to end `fit` after the current batch.
        first_rank_alone: bool, of the class. Where several processes train together (`keras.distribution`), the
            first alone calls its hooks, as it writes files or prints, and computes without the others what they
            evaluate or predict; other callbacks are called in all of them, with the same logs.

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

    first_rank_alone: bool = False
    takes_whole_tables: bool = False  # whether the first needs the others after all where a table is cut
    _comes_last = False  # whether its hooks are called behind those of all others

    # On the class, so that subclasses that forget `super().__init__()` work.
    params: dict[str, Any] | None = None
    _model: Model | None = None

    def __init__(self) -> None:
        self.params = None
        self._model = None

    @property
    def model(self) -> Model:
        """The model that is being trained, evaluated or asked for predictions."""
        return self._model

    @model.setter
    def model(self, model: Model) -> None:
        self._model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called before a run with its parameters.

        Args:
            params: dict of "verbose", "epochs" and "steps"; becomes `self.params`.
        """
        self.params = params

    def set_model(self, model: Model) -> None:
        """Called before a run with its model.

        Args:
            model: the model; becomes `self.model`.
        """
        self._model = model

    def state_dict(self) -> dict[str, Any]:
        """What the callback has to know to go on in another process; `BackupAndRestore` keeps it.

        Returns:
            Dict of plain data and arrays; empty where nothing is kept.
        """
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where another callback of this class was; called when training has begun, after `on_train_begin`.

        Args:
            state: what `state_dict` gave there.
        """
        vars(self).update(state)

    def _abandon(self):
        """Called where an error or an interrupt cut the run off: let go of files and threads."""

    def on_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Older name of `on_train_batch_begin`.

        Args:
            batch: int, counted from 0 in each epoch.
            logs: dict, empty: there is nothing to log yet.
        """

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Older name of `on_train_batch_end`.

        Args:
            batch: int, counted from 0 in each epoch.
            logs: as for `on_train_batch_end`.
        """

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Called in `fit` before each epoch.

        Args:
            epoch: int, counted from 0.
            logs: dict, empty: there is nothing to log yet.
        """

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Called in `fit` after each epoch.

        Args:
            epoch: int, counted from 0.
            logs: dict from the names of loss and metrics to floats, those of the validation as "val_..."; what is added
                to it goes into the `History`.
        """

    def on_train_begin(self, logs: Logs = None) -> None:
        """Called once before `fit` trains.

        Args:
            logs: dict, empty: there is nothing to log yet.
        """

    def on_train_end(self, logs: Logs = None) -> None:
        """Called once when `fit` is done.

        Args:
            logs: dict of the last epoch's loss and metrics.
        """

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before each training batch (every `steps_per_execution` batches).

        Args:
            batch: int, counted from 0 in each epoch.
            logs: dict, empty: there is nothing to log yet.
        """
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after each training batch (every `steps_per_execution` batches).

        Args:
            batch: int, counted from 0 in each epoch.
            logs: mapping from names to loss and metrics over the epoch so far, fetched when they are read.
        """
        self.on_batch_end(batch, logs=logs)

    def on_test_begin(self, logs: Logs = None) -> None:
        """Called before `evaluate`, and before each validation in `fit`.

        Args:
            logs: dict, empty: there is nothing to log yet.
        """

    def on_test_end(self, logs: Logs = None) -> None:
        """Called after `evaluate`, and after each validation in `fit`.

        Args:
            logs: dict of loss and metrics, without "val_".
        """

    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before each batch of `evaluate` and of validation.

        Args:
            batch: int, counted from 0 in each epoch.
            logs: dict, empty: there is nothing to log yet.
        """

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after each batch of `evaluate` and of validation.

        Args:
            batch: int, counted from 0 in each epoch.
            logs: mapping from names to loss and metrics so far, fetched when they are read.
        """

    def on_predict_begin(self, logs: Logs = None) -> None:
        """Called once before `predict`.

        Args:
            logs: dict, empty: there is nothing to log yet.
        """

    def on_predict_end(self, logs: Logs = None) -> None:
        """Called once after `predict`.

        Args:
            logs: dict, empty: there is nothing to log yet.
        """

    def on_predict_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before each batch of `predict`.

        Args:
            batch: int, counted from 0 in each epoch.
            logs: dict, empty: there is nothing to log yet.
        """

    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after each batch of `predict`.

        Args:
            batch: int, counted from 0 in each epoch.
            logs: {"outputs": the outputs of the batch, NumPy arrays in the structure of the model's outputs}.
        """


def overridden(callback: Callback, name: str) -> Callable[..., Any] | None:
    """What to call at a hook.

    Args:
        callback: Callback.
        name: one of `HOOKS`.

    Returns:
        The callback's own method, or None where it has but the empty one.
    """
    method = getattr(callback, name, None)
    function = getattr(method, "__func__", method)
    # `_is_default` is how real Keras marks its empty hooks: a callback of another library may descend from those.
    if function is None or function is getattr(Callback, name) or getattr(function, "_is_default", False):
        return overridden(callback, _OLD_NAMES[name]) if name in _OLD_NAMES else None
    return method
