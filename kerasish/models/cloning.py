"""clone_model: the same architecture with new weights."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

from kerasish import tree
from kerasish.backend import context
from kerasish.backend.graph import KerasTensor
from kerasish.layers.base.layer import Layer
from kerasish.layers.core.input_layer import InputLayer
from kerasish.models.functional import Functional
from kerasish.models.functional_config import has_functional_constructor
from kerasish.models.model import Model
from kerasish.models.sequential import Sequential
from kerasish.suggestions import refuse_unknown, suggesting


@suggesting
def clone_model(
    model: Model,
    input_tensors: KerasTensor | Sequence[KerasTensor] | None = None,
    clone_function: Callable[[Layer], Layer] | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
    **kwargs: Any,
) -> Model:
    """A new model like `model`, with new layers and newly initialised weights.

    Args:
        model: Sequential, Functional, or a subclassed model that defines `get_config`.
        input_tensors: list of `KerasTensor`s to build on, instead of new Inputs.
        clone_function: function of a layer that returns the layer to use in its place.
        call_function: function (layer, *args, **kwargs) that calls it.
        recursive: bool. Apply `clone_function` inside nested models too.
        **kwargs: none; refused by name.

    Returns:
        A model of the same class, compiled likewise where `model` is compiled.

    Raises:
        ValueError: for something that is no model, or arguments that only functional models know.
        TypeError: for unknown arguments.

    Example:
        >>> import kerasish as keras
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
        >>> keras.models.clone_model(model).count_params()
        9
    """
    refuse_unknown("clone_model", kwargs, clone_model)
    if not isinstance(model, Model):
        raise ValueError(f"`model` must be a model, got {model!r}.")

    with context.scope(without_assets=True):
        clone = _cloned(model, input_tensors, clone_function, call_function, recursive)
    if model.compiled:
        _compile_alike(clone, model)
    return clone


def _cloned(model, input_tensors, clone_function, call_function, recursive):
    make = clone_function or _fresh

    def clone_layer(layer):
        if recursive and isinstance(layer, (Functional, Sequential)):
            return clone_model(layer, clone_function=clone_function, call_function=call_function, recursive=True)
        return make(layer)

    if isinstance(model, Sequential):
        return _clone_sequential(model, input_tensors, clone_layer)
    if isinstance(model, Functional):
        return _clone_functional(model, input_tensors, clone_layer, call_function)
    if clone_function is not None or input_tensors is not None:
        raise ValueError(
            "`clone_function` and `input_tensors` are for Sequential and functional models; a subclassed model is "
            "cloned from its config."
        )
    return type(model).from_config(model.get_config())


def _compile_alike(clone, model):
    """With an optimizer and metrics of its own, which have seen nothing."""
    arguments = copy.deepcopy({key: value for key, value in model._compile_arguments.items() if key != "optimizer"})
    optimizer = model.optimizer
    fresh = None if optimizer is None else type(optimizer).from_config(optimizer.get_config())
    clone.compile(fresh, **arguments)
    if fresh is not None and clone.built:
        fresh.build(clone.trainable_variables)
    clone.reset_metrics()


def _fresh(layer):
    return type(layer).from_config(layer.get_config())


def _clone_sequential(model, input_tensors, clone_layer):
    layers = [clone_layer(layer) for layer in model.layers]
    first = model._stack[0] if model._stack and isinstance(model._stack[0], InputLayer) else None
    if input_tensors is not None:
        tensors = tree.flatten(input_tensors)
        if len(tensors) != 1:
            raise ValueError(f"A Sequential model takes one input, got {len(tensors)} `input_tensors`.")
        return Sequential([tensors[0], *layers], name=model.name, trainable=model.trainable)
    start = [InputLayer(batch_shape=first.batch_shape, dtype=first.dtype, name=first.name)] if first is not None else []
    return Sequential([*start, *layers], name=model.name, trainable=model.trainable)


def _clone_functional(model, input_tensors, clone_layer, call_function):
    if input_tensors is None:
        fresh = [
            InputLayer(batch_shape=t.shape, dtype=t.dtype, name=t.name, optional=t.node.operation.optional).output
            for t in model.inputs
        ]
    else:
        fresh = tree.flatten(input_tensors)
        if len(fresh) != len(model.inputs):
            raise ValueError(f"The model has {len(model.inputs)} inputs, but `input_tensors` holds {len(fresh)}.")
    twins = {}

    def call(node, args, kwargs):
        operation = node.operation
        if isinstance(operation, Layer):
            operation = twins.setdefault(id(operation), None) or clone_layer(operation)
            twins[id(node.operation)] = operation
        return call_function(operation, *args, **kwargs) if call_function else operation(*args, **kwargs)

    outputs = model._graph.run(fresh, call)
    inputs = tree.pack_sequence_as(model._inputs_struct, fresh)
    cls = type(model) if has_functional_constructor(type(model)) else Functional
    return cls(inputs, outputs, name=model.name)
