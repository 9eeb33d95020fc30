"""Many callbacks behind one: what the training loop talks to."""

from __future__ import annotations

import collections
import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from kerasish import tree
from kerasish.callbacks.callback import HOOKS, Callback, overridden
from kerasish.callbacks.history import History
from kerasish.callbacks.plain_logs import plain
from kerasish.callbacks.progbar_logger import ProgbarLogger
from kerasish.distribution.shares import apart, leads, world
from kerasish.distribution.tables import cut_tables
from kerasish.signatures import takes, with_arguments
from kerasish.typing import Logs

if TYPE_CHECKING:
    from kerasish.models.model import Model

_AROUND_BATCHES = {kind: (f"on_{kind}_batch_begin", f"on_{kind}_batch_end") for kind in ("train", "test", "predict")}
_HOOK_ARGUMENTS = {"_batch": ("batch", "logs"), "_epoch": ("epoch", "logs"), "": ("logs",)}
_NO_HOOKS = dict.fromkeys(HOOKS, ())


class CallbackList(Callback):
    """Hands every call of a hook to the callbacks that override it; for a hook that none overrides nothing happens.

    At batches the `logs` are handed on as they are, lazy or not. At the other hooks they become a plain dict of floats,
    sorted by name, which all callbacks share.

    Args:
        callbacks: callback, or list (nested too) of callbacks.
        add_history: whether to append a `History` unless one is there; it becomes `model.history`.
        add_progbar: whether to append a `ProgbarLogger` unless one is there.
        model: the Model that is run, given to each callback, or None.
        **params: given to each callback; loops pass `verbose`, `epochs` and `steps`.

    Raises:
        TypeError: for an entry that is no callback.

    Example:
        >>> import kerasish as keras
        >>> seen = []
        >>> watch = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs))
        >>> keras.callbacks.CallbackList([watch]).on_epoch_end(0, {"loss": 1})
        >>> seen
        [{'loss': 1.0}]
    """

    def __init__(
        self,
        callbacks: Callback | Sequence[Any] | None = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Model | None = None,
        **params: Any,
    ) -> None:
        super().__init__()
        self.callbacks = tree.flatten(callbacks) if callbacks else []
        for position, callback in enumerate(self.callbacks):
            _check(callback, position)
        self._history = self._find_or_add(History, add_history)
        self._progbar = self._find_or_add(ProgbarLogger, add_progbar)
        self.set_model(model)
        self.set_params(params)
        self._collect_hooks()

    def _find_or_add(self, kind, add):
        found = [callback for callback in self.callbacks if isinstance(callback, kind)]
        if not found and add:
            found.append(kind())
            self.callbacks.append(found[0])
        return found[-1] if found else None

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params
        if params:
            for callback in self.callbacks:
                callback.set_params(params)

    def set_model(self, model: Model | None) -> None:
        if model is None:
            return
        super().set_model(model)
        if self._history is not None:
            model.history = self._history
        for callback in self.callbacks:
            callback.set_model(model)

    def _collect_hooks(self):
        """For each hook, the methods to call. Done anew when a run begins: callbacks may have come or changed."""
        self._hooks = _NO_HOOKS if not self.callbacks else {name: self._overriding(name) for name in HOOKS}

    def _overriding(self, name):
        in_turn = sorted(self.callbacks, key=lambda callback: getattr(callback, "_comes_last", False))
        is_first, names = leads(), _HOOK_ARGUMENTS[name.partition("_batch")[1] or name.partition("_epoch")[1]]
        found = []
        for callback in in_turn:
            method, everywhere = overridden(callback, name), self._is_called_everywhere(callback)
            if method is not None and (is_first or everywhere):
                hook = _accepting(method, names)
                found.append(hook if everywhere or world() is None else _apart(hook))
        return found

    def _is_called_everywhere(self, callback):
        """Whether others than the first of several processes call it, too."""
        if not getattr(callback, "first_rank_alone", False):
            return True
        return getattr(callback, "takes_whole_tables", False) and bool(cut_tables(self.model))

    def state_dict(self) -> dict[str, Any]:
        """The states of the callbacks that have one, by class and number."""
        states = {name: callback.state_dict() for name, callback in self._named() if hasattr(callback, "state_dict")}
        return {name: state for name, state in states.items() if state}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Give each callback the state that its fellow had; those that have come since begin anew.

        Args:
            state: what `state_dict` gave.
        """
        known = dict(self._named())
        for name, kept in state.items():
            if name in known:
                known[name].load_state_dict(kept)
            else:
                warnings.warn(
                    f"The state of the callback {name} is lost: no such callback is there any more.", stacklevel=2
                )

    def abandon(self) -> None:
        """Tell the callbacks that the run was cut off, by an error or an interrupt."""
        for callback in self.callbacks:
            try:
                getattr(callback, "_abandon", _nothing)()
            except Exception as error:  # that which cut the run off is to be seen
                warnings.warn(f"{type(callback).__name__} could not clean up: {error!r}", stacklevel=2)

    def _named(self):
        """(class and number of its kind, callback) pairs."""
        counts = collections.Counter()
        for callback in self.callbacks:
            kind = type(callback).__name__
            yield f"{kind} {counts[kind]}", callback
            counts[kind] += 1

    def around_batches(self, kind: str) -> list[Callable[..., Any] | None]:
        """What to call before and after each batch, as two functions.

        None where nobody listens, so that a loop has nothing to call.

        Args:
            kind: "train", "test" or "predict".

        Returns:
            Two functions of (batch, logs), or None in their place.
        """
        return [getattr(self, name) if self._is_heard(name) else None for name in _AROUND_BATCHES[kind]]

    def _is_heard(self, name):
        return bool(self._hooks[name]) or getattr(type(self), name) is not getattr(CallbackList, name)

    def _at_batch(self, name, batch, logs):
        for hook in self._hooks[name]:
            hook(batch, logs={} if logs is None else logs)

    def _at_epoch(self, name, epoch, logs):
        hooks = self._hooks[name]
        if hooks:
            logs = plain(logs)
            for hook in hooks:
                hook(epoch, logs)

    def _at_run(self, name, logs):
        hooks = self._hooks[name]
        if hooks:
            logs = plain(logs)
            for hook in hooks:
                hook(logs)

    def on_train_begin(self, logs: Logs = None) -> None:
        self._collect_hooks()
        self._at_run("on_train_begin", logs)

    def on_train_end(self, logs: Logs = None) -> None:
        self._at_run("on_train_end", logs)

    def on_test_begin(self, logs: Logs = None) -> None:
        self._collect_hooks()
        self._at_run("on_test_begin", logs)

    def on_test_end(self, logs: Logs = None) -> None:
        self._at_run("on_test_end", logs)

    def on_predict_begin(self, logs: Logs = None) -> None:
        self._collect_hooks()
        self._at_run("on_predict_begin", logs)

    def on_predict_end(self, logs: Logs = None) -> None:
        self._at_run("on_predict_end", logs)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._at_epoch("on_epoch_begin", epoch, logs)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._at_epoch("on_epoch_end", epoch, logs)

    def on_batch_begin(self, batch: int, logs: Logs = None) -> None:
        self._at_batch("on_batch_begin", batch, logs)

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._at_batch("on_batch_end", batch, logs)

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        self._at_batch("on_train_batch_begin", batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._at_batch("on_train_batch_end", batch, logs)

    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None:
        self._at_batch("on_test_batch_begin", batch, logs)

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._at_batch("on_test_batch_end", batch, logs)

    def on_predict_batch_begin(self, batch: int, logs: Logs = None) -> None:
        self._at_batch("on_predict_batch_begin", batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._at_batch("on_predict_batch_end", batch, logs)


def _nothing():
    """What a callback of another library does at the end of a run that was cut off."""


def _accepting(hook, names):
    """`hook` as the loop calls it: with all of `names`, at batches the logs by name. It may take fewer or others."""
    if names[0] != "batch":
        return with_arguments(hook, *names)
    if takes(hook, "logs"):
        return hook
    adapted = with_arguments(hook, *names)
    return lambda batch, logs: adapted(batch, logs)


def _apart(hook):
    """`hook` of a callback that other processes do not call: what it evaluates or predicts, it does without them."""

    def call(*args, **kwargs):
        with apart():
            return hook(*args, **kwargs)

    return call


def _check(callback, position):
    where = f"`callbacks` must hold callbacks, but entry {position} is"
    if inspect.isclass(callback):
        raise TypeError(f"{where} the class {callback.__name__}. Pass an instance: {callback.__name__}(...).")
    if not (hasattr(callback, "set_model") and hasattr(callback, "set_params")):
        hint = " Wrap a function: LambdaCallback(on_epoch_end=function)." if callable(callback) else ""
        raise TypeError(f"{where} {callback!r}. Pass objects of a class derived from keras.callbacks.Callback.{hint}")
