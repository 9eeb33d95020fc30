"""Layers models of TensorFlow.js as models."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any

from kerasish.backend import context
from kerasish.configs.eras import modernize, modernize_training
from kerasish.configs.limits import allowing, claim, load_json, read_text
from kerasish.configs.registration import CustomObjectScope
from kerasish.configs.serialization import deserialize_keras_object
from kerasish.files.formats import TFJS_MODEL
from kerasish.files.old_hdf5.arrangement import match
from kerasish.files.old_hdf5.stored import fill_all
from kerasish.files.old_hdf5.training import compile_as
from kerasish.files.tfjs.manifest import TfjsSource, TfjsTensor, tensors_of
from kerasish.files.tfjs.names import named
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config, CustomObjects
from kerasish.whole_files import reading

_TODAY = SimpleNamespace(era=2, flipped=False)
_LISTED = 10  # problems in a message


@contextmanager
def opened(path: str) -> Iterator[tuple[Config, list[TfjsTensor]]]:
    """(what the JSON says, the arrays) of a model, for the time of the block.

    Raises:
        ValueError: that names the file, for one that is damaged, and for a model that holds a program ("graph-model").
    """
    path = os.path.join(path, TFJS_MODEL) if os.path.isdir(path) else path
    with reading(repr(path)), ExitStack() as stack:
        said = load_json(read_text(path, repr(path)), repr(path))
        if not isinstance(said, dict):
            raise ValueError(f"{path!r} is damaged: it must hold a JSON object.")
        if said.get("format") not in (None, "layers-model"):
            raise ValueError(
                f"{path!r} is a {said['format']!r} of TensorFlow.js: a program of TensorFlow, without layers. Convert "
                "the model that it was made of."
            )
        yield said, tensors_of(said.get("weightsManifest"), os.path.dirname(path), stack)


def topology_of(said: Config, path: str) -> tuple[Any, Any, Any]:
    """(config of the model, the Keras that wrote it, what `compile` was given) in a model's JSON."""
    topology = said.get("modelTopology")
    if isinstance(topology, dict) and isinstance(topology.get("model_config"), dict):
        config = topology["model_config"]
    else:
        config = topology
    if not isinstance(config, dict) or "class_name" not in config or "config" not in config:
        raise ValueError(f"{path!r} is damaged: its `modelTopology` is no config of a model.")
    version = topology.get("keras_version")
    known = isinstance(version, str) and version[:1].isdigit()
    return config, version if known else None, topology.get("training_config")


def load_model(path: str, custom_objects: CustomObjects = None, compile: bool = True, safe_mode: bool = True) -> Any:
    """The model in a `model.json` (or the folder around it) of TensorFlow.js, with its weights.

    Args:
        path: path.
        custom_objects: dict from name to class or function.
        compile: whether to compile it as it was, where the file says how. It has no state of an optimizer.
        safe_mode: refuse code in the config (Python lambdas).

    Raises:
        ValueError: for one that is damaged, or names what is not known.
    """
    with opened(path) as (said, tensors):
        config, version, training = topology_of(said, path)
        size = sum(tensor.size for tensor in tensors)
        with allowing(claim(4 * size, size), repr(path)):
            with CustomObjectScope(custom_objects or {}):
                modern = modernize(config, version)
            with context.scope(compile_loaded=False, shared_objects={}, initial_values=False):
                model = deserialize_keras_object(modern, custom_objects=custom_objects, safe_mode=safe_mode)
            if not isinstance(model, Layer) or not hasattr(model, "layers"):
                raise ValueError(f"{path!r} describes no model: it gives {type(model).__name__}.")
            if not model.built:
                raise ValueError(f"The model in {path!r} can't be built: it does not tell the shape of its inputs.")
            fill_all(_pairs(model, [TfjsSource(tensor) for tensor in tensors], path))
            if compile and training:
                with CustomObjectScope(custom_objects or {}), context.scope(safe_mode=safe_mode):
                    compile_as(model, modernize_training(training, version))
            elif compile:
                warnings.warn(
                    f"{path!r} holds no training configuration: the model is not compiled. Call `compile` before "
                    "training it.",
                    stacklevel=4,
                )
    return model


def load_weights(model: Any, path: str, skip_mismatch: bool = False) -> None:
    """Set the weights of a built model from one of TensorFlow.js.

    Args:
        model: the Model.
        path: path.
        skip_mismatch: leave weights alone, with a warning, whose shapes differ.

    Raises:
        ValueError: that lists what does not fit; nothing is changed then.
    """
    with opened(path) as (_, tensors):
        fill_all(_pairs(model, [TfjsSource(tensor) for tensor in tensors], path, skip_mismatch))


def _pairs(model, sources, path, skip_mismatch=False):
    """(Variable, source) of all weights: by the names of TensorFlow.js, or each layer's in order, by their shapes."""
    pairs, problems = [], []
    wanted, held = dict(named([model])), {source.name: source for source in sources}
    if wanted.keys() == held.keys() and all(tuple(v.shape) == held[name].shape for name, v in wanted.items()):
        return [(variable, held[name]) for name, variable in wanted.items()]
    for order, source in enumerate(sources):
        source.order = order
    for layer, held in _by_layer([layer for layer in model.layers if layer.weights], sources, path):
        found = match(layer, held, _TODAY)
        pairs += found.pairs
        problems += [f"layer {layer.name!r}: {text}" for _, text in found.problems]
    listed = "\n  ".join(problems[:_LISTED])
    if problems and not skip_mismatch:
        raise ValueError(f"The weights in {path!r} do not fit the model; nothing was changed:\n  {listed}")
    if problems:
        warnings.warn(f"Weights in {path!r} were left out and stay as they were:\n  {listed}", stacklevel=6)
    return pairs


def _by_layer(layers, sources, path):
    """[(layer, its sources)]: by the first part of their names where these are the layers', else in turn."""
    named = {layer.name: [] for layer in layers}
    for source in sources:
        named.setdefault(source.name.partition("/")[0], []).append(source)
    if len(named) == len(layers) and all(len(named[layer.name]) == len(layer.weights) for layer in layers):
        return [(layer, named[layer.name]) for layer in layers]
    if sum(len(layer.weights) for layer in layers) != len(sources):
        wanted = sum(len(layer.weights) for layer in layers)
        raise ValueError(f"{path!r} holds {len(sources)} weights, its model has {wanted}.")
    found, rest = [], list(sources)
    for layer in layers:
        count = len(layer.weights)
        found.append((layer, rest[:count]))
        del rest[:count]
    return found
