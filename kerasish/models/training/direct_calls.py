"""`model(x)` on arrays by the compiled Program of its signature, where nobody could tell but by the clock.

Servers and loops of reinforcement learning call models so. It may be done where nothing records the call, and where
the model is made of the library's layers alone: a user's Python has to run at each call, for what it prints or counts.
"""

from __future__ import annotations

import types
from operator import is_
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish import tree
from kerasish.backend import context
from kerasish.backend.device import device
from kerasish.backend.masks import get_keras_mask
from kerasish.backend.texts import is_text
from kerasish.configs.lookup import is_builtin
from kerasish.layers.base.call_arguments import call_signature
from kerasish.layers.base.layer import Layer
from kerasish.models.host_prefix import makes_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from kerasish.models.model import Model

MAX_BYTES = 4 << 20  # of more input the computation is most of the time, and a Program would keep its memory
MAX_SIGNATURES = 64  # kept compiled; calls of further ones are computed op by op
MAX_UNPAID = 8  # signatures that were asked for once alone: where every call has a new one, compiling does not pay
MAX_CHANGES = 8  # of the layers' attributes, until the model counts as one that is always changed
_OF_NO_MATTER = frozenset(
    ("_trainable", "_path", "_build_shapes", "_direct", "_functions", "_metrics_found", "_loss_tracker", "history")
    + ("optimizer", "loss", "compiled", "jit_compile", "run_eagerly", "steps_per_execution", "_compile_arguments")
    + ("_compile_loss", "_compile_metrics", "stop_training", "stop_evaluating", "stop_predicting")
)


class DirectCalls:
    """What is known of one model: whether its calls may be compiled, and which signatures are."""

    def __init__(self) -> None:
        self._values = None  # of the attributes of all layers when it was last looked; None: not looked yet
        self._attributes: list[dict[str, Any]] = []
        self._layers: list[Layer] = []
        self._may = False
        self._changes = 0
        self._uses: dict[Any, int] = {}
        self._unpaid = 0

    def function_for(self, model: Model, args: Any, kwargs: Any) -> Callable[..., Any] | None:
        """The compiled function of (x, None, None) that answers a call of `model`, or None where it has to be run.

        Args:
            model: a model given by a graph of layers.
            args, kwargs: of the call.
        """
        if len(args) != 1 or context.interpreter() is not None or vars(context.current()) or model.run_eagerly:
            return None
        if kwargs and (len(kwargs) > 1 or kwargs.get("training", self) not in (None, False)):
            return None
        signature = _signature(args[0], model)
        if signature is None or not self._allowed(model) or not self._is_worth_it(signature):
            return None
        return model.make_predict_function()

    def _is_worth_it(self, signature):
        uses = self._uses.get(signature, 0)
        if not uses and (self._unpaid >= MAX_UNPAID or len(self._uses) >= MAX_SIGNATURES):
            return False
        if uses < 2:
            self._uses[signature] = uses + 1
            self._unpaid += 1 if uses == 0 else -1
        return True

    def _allowed(self, model):
        """Whether the model may be compiled. Looked up anew when an attribute of a layer is another than last time."""
        if self._values is not None:
            now = [value for layer in self._layers for value in vars(layer).values()]
            if len(now) == len(self._values) and all(map(is_, now, self._values)):
                return self._may
            if not any(_differ(vars(layer), before) for layer, before in zip(self._layers, self._attributes)):
                self._look_at_layers(self._layers)
                return self._may
            self._changes += 1
            model._functions.pop("predict", None)
            self._uses.clear()
            self._unpaid = 0
        # Not the model itself: each call and `fit` set attributes of it that do not matter here.
        self._look_at_layers([layer for layer in model._flatten_layers() if layer is not model])
        self._may = self._changes <= MAX_CHANGES and _is_plain(model, self._layers)
        return self._may

    def _look_at_layers(self, layers):
        self._layers = layers
        self._attributes = [dict(vars(layer)) for layer in layers]
        self._values = [value for attributes in self._attributes for value in attributes.values()]


def _differ(now, before):
    """Whether attributes that could matter to an inference call have changed."""
    names = (now.keys() | before.keys()) - _OF_NO_MATTER
    return any(now.get(name) is not before.get(name) for name in names)


def _signature(x, model):
    """What tells the arrays of `x` from others for the compiler, or None where they are not plain or too many."""
    on = device()
    if type(x) is np.ndarray:
        leaves, described = (x,), [on]
    elif tree.is_nested(x):
        leaves, described = tree.flatten(x), [on, type(x), *(name for name, _ in tree.children(x))]
    else:
        leaves, described = (x,), [on]
    size = 0
    for leaf in leaves:
        if not _is_array_of_numbers(leaf, on):
            if type(leaf) is not np.ndarray or not is_text(leaf) or model._host_prefix is None:
                return None
            described.append((leaf.shape, "text"))
            continue
        if get_keras_mask(leaf) is not None:
            return None
        size += getattr(leaf, "nbytes", 0)
        described.append((leaf.shape, leaf.dtype))
    return tuple(described) if size <= MAX_BYTES and leaves else None


def _is_array_of_numbers(x, on):
    if type(x) is np.ndarray:
        return x.dtype.kind in "fiub"
    return not isinstance(x, (np.ndarray, np.generic)) and on.is_array(x)


def _is_plain(model, layers):
    """Whether a call of the model does nothing but compute its outputs, by code of the library."""
    if "_calls_only_layers" not in vars(type(model)) or model._graph is None or not model.built:
        return False
    if any(getattr(tensor, "_keras_mask", None) is not None for tensor in model._graph.outputs):
        return False
    if makes_text(model._graph):
        return False
    if "predict_step" in vars(model) or "call" in vars(model):
        return False
    if model._losses_added or model._metrics_added or model.activity_regularizer is not None:
        return False
    return all(map(_is_plain_layer, layers)) and all(map(is_builtin, map(type, model._graph.operations)))


def _is_plain_layer(layer):
    if (
        not is_builtin(type(layer))
        or not is_builtin(type(layer).call)
        or layer.activity_regularizer is not None
        or layer._metrics_added
    ):
        return False
    if layer._graph is not None and not all(map(is_builtin, map(type, layer._graph.operations))):
        return False
    # As an image layer that is at work in training unless told otherwise.
    if call_signature(type(layer).call).defaults.get("training") not in (None, False):
        return False
    return not any(_is_foreign(value) for value in vars(layer).values())


def _is_foreign(value):
    """Whether an attribute is a function, or an object that can be called, of a user's."""
    if not callable(value) or isinstance(value, Layer):
        return False
    named = isinstance(value, (types.FunctionType, types.MethodType, type))
    return not is_builtin(value if named else type(value))
