"""SavedModels and checkpoints of TensorFlow as a Report: their variables, and what tf.keras says of the model."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import Any

from kerasish.files.inspect.configs import facts_of, layers_of
from kerasish.files.inspect.report import Report, StoredArray
from kerasish.files.tensorflow import bundle, checkpoint
from kerasish.files.tensorflow.metadata import objects_of, signatures_of
from kerasish.files.tensorflow.object_graph import KEY, ObjectGraph

_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"


def read_checkpoint(path: str, stack: ExitStack) -> Report:
    """The Report of a checkpoint: a path without an ending, or a folder that lists some."""
    place = checkpoint.path_of(path) or path
    opened = stack.enter_context(bundle.opened(place))
    by_objects = KEY in opened
    facts = {"checkpoint": os.path.basename(place)} if place != path else {}
    kind = "by objects, TensorFlow 2" if by_objects else "by names, TensorFlow 1"
    return Report(path, f"TensorFlow checkpoint ({kind})", facts, (), _weights(opened, {}))


def read_saved_model(path: str, stack: ExitStack) -> Report:
    """The Report of a SavedModel; of one that Keras did not write, its functions and variables."""
    root = objects_of(path).get(0)
    layers, facts = [], {}
    if root is None:
        facts = {"signatures": ", ".join(signatures_of(path)) or "none"}
    else:
        training = root.get("training_config") or {}
        compiled = {"optimizer": training.get("optimizer_config"), "loss": training.get("loss")}
        config = {"class_name": root.get("class_name"), "config": root.get("config"), "compile_config": compiled}
        facts = {"keras_version": str(root["keras_version"])} if "keras_version" in root else {}
        facts.update(facts_of(config))
        layers = layers_of(config)
    place, weights = os.path.join(path, "variables", "variables"), []
    if bundle.is_bundle(place):
        opened = stack.enter_context(bundle.opened(place))
        weights = _weights(opened, {layer["name"] for layer in layers})
    return Report(path, "SavedModel of Keras" if root else "SavedModel without a Keras model", facts, layers, weights)


def _weights(opened: bundle.Bundle, layers: Any) -> list[StoredArray]:
    """A StoredArray for each tensor but the graph of objects; the names that TensorFlow gave tell the layers."""
    names = {}
    if KEY in opened and layers:
        for node in ObjectGraph(opened).nodes:
            names.update({key: name.partition("/")[0] for name, key in node.tensors.values()})
    return [_array(key, tensor, names.get(key), layers) for key, tensor in opened.items() if key != KEY]


def _array(key, tensor, layer, layers):
    array = StoredArray(
        key.removesuffix(_VALUE),
        tensor.shape,
        tensor.dtype,
        tensor.read,
        layer if layer in layers else None,
        is_numeric=tensor.is_numeric,
    )
    array.bytes = tensor.size
    return array
