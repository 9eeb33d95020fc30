"""SavedModels of tf.keras 2.0 to 2.15 as models: configs and arrays are taken, the program in them is never run."""

from __future__ import annotations

import os
import warnings
from typing import Any

from kerasish.backend import context
from kerasish.backend.graph import KerasTensor
from kerasish.configs.eras import modernize, modernize_training
from kerasish.configs.registration import CustomObjectScope
from kerasish.configs.serialization import deserialize_keras_object
from kerasish.files.old_hdf5.training import compile_as
from kerasish.files.tensorflow import bundle
from kerasish.files.tensorflow.metadata import PROGRAM, objects_of, signatures_of
from kerasish.files.tensorflow.object_graph import ObjectGraph
from kerasish.files.tensorflow.restoring import restore, restore_optimizer
from kerasish.layers.base.layer import Layer
from kerasish.typing import CustomObjects
from kerasish.whole_files import reading

VARIABLES = os.path.join("variables", "variables")


def is_saved_model(folder: str) -> bool:
    """Whether a folder is a SavedModel."""
    return os.path.isfile(os.path.join(folder, PROGRAM))


def load_model(folder: str, custom_objects: CustomObjects = None, compile: bool = True, safe_mode: bool = True) -> Any:
    """The model in a SavedModel that tf.keras wrote, with its weights, and compiled as it was.

    Args:
        folder: path.
        custom_objects: dict from name to class or function.
        compile: whether to compile it, with the state of its optimizer.
        safe_mode: refuse code in the configs (Python lambdas).

    Raises:
        ValueError: for one that Keras did not write, that is damaged, or that names what is not known.
    """
    with reading(repr(folder)):
        facts = objects_of(folder)
        root = facts.get(0)
        if root is None or not isinstance(root.get("class_name"), str):
            raise ValueError(_no_model(folder))
        _check_bundle(folder)
        with bundle.opened(os.path.join(folder, VARIABLES), builds_model=True) as opened:
            graph = ObjectGraph(opened)
            model = _made(root, folder, custom_objects, safe_mode)
            names = {number: str(item.get("name")) for number, item in facts.items()}
            pairs = restore(model, graph, graph.root, repr(folder), names, folder)
            training = root.get("training_config")
            if compile and training and hasattr(model, "compile_from_config"):
                with CustomObjectScope(custom_objects or {}), context.scope(safe_mode=safe_mode):
                    compile_as(model, modernize_training(training, root.get("keras_version")))
                restore_optimizer(model, graph, graph.root.children.get("optimizer"), pairs, repr(folder))
            elif compile:
                warnings.warn(
                    f"{folder!r} holds no training configuration: the model is not compiled. Call `compile` before "
                    "training it.",
                    stacklevel=4,
                )
    return model


def _made(root, folder, custom_objects, safe_mode):
    """The model by its config, built; a model of the user's own class is built on the shapes that it was called on."""
    name, config = root["class_name"], root.get("config")
    with CustomObjectScope(custom_objects or {}):
        modern = modernize({"class_name": name, "config": config or {}}, root.get("keras_version") or "2")
    with context.scope(compile_loaded=False, shared_objects={}, initial_values=False):
        try:
            model = deserialize_keras_object(modern, custom_objects=custom_objects, safe_mode=safe_mode)
        except TypeError as error:
            raise ValueError(
                f"The model in {folder!r} is of the class {name!r}, whose config was "
                f"{'not saved' if not config else 'saved'} and which can't be made of it ({error}). Make the model in "
                f"Python, call it on data, and use `model.load_weights({os.path.join(folder, VARIABLES)!r})`."
            ) from error
        if not isinstance(model, Layer):
            raise ValueError(f"{folder!r} describes no model: it gives {type(model).__name__}.")
        if not model.built:
            _build(model, root, folder)
    return model


def _build(model, root, folder):
    """Call a model on symbols of the shapes and dtypes with which it was called when it was saved."""
    spec = root.get("full_save_spec") or root.get("save_spec")
    try:
        args, kwargs = _specs(spec) if root.get("full_save_spec") else ((_specs(spec),), {})
        shape = root.get("build_input_shape")
        if spec is None and shape is None:
            raise ValueError("the file does not tell the shapes of its inputs")
        if spec is None:
            model.build(_specs(shape))
        else:
            model(*args, **{key: value for key, value in kwargs.items() if value is not None})
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise ValueError(
            f"The model {model.name!r} in {folder!r} can't be built from what the file says of its inputs "
            f"({type(error).__name__}: {error}). Make the model in Python, call it on data, and use "
            f"`model.load_weights({os.path.join(folder, VARIABLES)!r})`."
        ) from error


def _specs(data):
    """What tf.keras wrote of shapes and TensorSpecs, as tuples and KerasTensors; the first axis is the batch's."""
    if isinstance(data, list):
        return [_specs(item) for item in data]
    if not isinstance(data, dict):
        return data
    kind = data.get("class_name")
    if kind in ("__tuple__", "TensorShape"):
        return tuple(_specs(item) for item in data["items"])
    if kind == "TypeSpec":
        shape, dtype = data["serialized"]["items"][:2]
        shape = _specs(shape)
        if shape is None or not all(size is None or isinstance(size, int) for size in shape):
            raise ValueError(f"an input has the shape {shape}")
        return KerasTensor((None, *shape[1:]) if shape else (), dtype)
    return {key: _specs(value) for key, value in data.items()}


def _check_bundle(folder):
    if not bundle.is_bundle(os.path.join(folder, VARIABLES)):
        raise ValueError(f"{folder!r} is a SavedModel without its variables: {VARIABLES + bundle.INDEX} is not there.")


def _no_model(folder):
    names = signatures_of(folder)
    functions = f" Its functions are {', '.join(map(repr, names))}." if names else ""
    return (
        f"{folder!r} is a SavedModel, but holds no model of Keras: it is a plain `tf.Module`, an Estimator or another "
        f"program of TensorFlow, which is run by TensorFlow alone.{functions} `keras.layers.TFSMLayer` calls it where "
        f"TensorFlow is installed; its variables are shown by `python -m kerasish inspect`."
    )
