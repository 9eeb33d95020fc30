"""Whole models in one HDF5 file: architecture, weights, what `compile` was given, and the optimizer's state."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from kerasish import backend
from kerasish.backend import context
from kerasish.configs.eras import modernize, modernize_training
from kerasish.configs.limits import load_json
from kerasish.configs.registration import CustomObjectScope, find_custom
from kerasish.configs.serialization import deserialize_keras_object
from kerasish.files.formats import KERAS_VERSION
from kerasish.files.old_hdf5.attributes import text, write_json
from kerasish.files.old_hdf5.load import fill_weights
from kerasish.files.old_hdf5.old_form import model_config
from kerasish.files.old_hdf5.save import save_weights
from kerasish.files.old_hdf5.training import compile_loaded, save_training
from kerasish.ops.operation import OPERATIONS
from kerasish.ops.serialization import class_name
from kerasish.typing import CustomObjects

if TYPE_CHECKING:
    import h5py

    from kerasish.models.model import Model


def load_model(
    file: h5py.File, custom_objects: CustomObjects = None, compile: bool = True, safe_mode: bool = True
) -> Any:
    """The model in an open HDF5 file of Keras 1, 2, tf.keras, or of Keras 3's old form.

    Args:
        custom_objects: dict from name to class or function.
        compile: whether to compile it as it was, and to restore the optimizer's state.
        safe_mode: refuse code in the file (Python lambdas).

    Raises:
        ValueError: for a file that lacks something or names what is not known.
    """
    version = _version(file)
    with CustomObjectScope(custom_objects or {}):
        config = modernize(_with_modules_of_ops(_json(file, "model_config"), custom_objects or {}), version)
    with context.scope(compile_loaded=False, shared_objects={}, initial_values=False):
        model = deserialize_keras_object(config, custom_objects=custom_objects, safe_mode=safe_mode)
    if not getattr(model, "built", False) or not hasattr(model, "layers"):
        raise ValueError(
            f"The model {getattr(model, 'name', model)!r} in {file.filename!r} can't be built from its config alone, "
            "because the file does not tell "
            "the shape of its inputs. Make the model in Python, call it on data, and use `load_weights`."
        )
    pairs = fill_weights(model, file)
    if compile and "training_config" in file.attrs:
        with CustomObjectScope(custom_objects or {}), context.scope(safe_mode=safe_mode):
            compile_loaded(model, modernize_training(_json(file, "training_config"), version), file, pairs)
    elif compile:
        warnings.warn(
            "The file holds no training configuration: the model is not compiled. Call `compile` before training it.",
            stacklevel=4,
        )
    return model


def _with_modules_of_ops(data, custom_objects):
    """A config in which bare ops between layers say what they are.

    Keras 3 leaves that out of HDF5 files, and can't open them itself then.
    """
    if isinstance(data, list):
        return [_with_modules_of_ops(item, custom_objects) for item in data]
    if not isinstance(data, dict):
        return data
    made = {
        key: _with_modules_of_ops(value, custom_objects) if isinstance(value, (dict, list)) else value
        for key, value in data.items()
    }
    calls, config = made.get("inbound_nodes"), made.get("config")
    is_new = (
        isinstance(calls, list)
        and calls
        and isinstance(calls[0], dict)
        and isinstance(config, dict)
        and "module" not in made
    )
    is_bare = (
        is_new
        and not {"trainable", "dtype", "layers"} & config.keys()
        and find_custom(made.get("class_name"), custom_objects) is None
    )
    if is_bare and made["class_name"] in {class_name(op) for op in OPERATIONS.values()}:
        made["module"] = "keras.src.ops.numpy"
    return made


def _version(file):
    """The Keras before 3 that wrote the file, else None.

    Keras 3, and this library, write configs in today's form and in that of Keras 2.
    """
    version = (
        text(file.attrs["keras_version"], "The attribute 'keras_version'") if "keras_version" in file.attrs else None
    )
    return version if version is not None and version.partition(".")[0] in ("0", "1", "2") else None


def _json(file, name):
    return load_json(text(file.attrs[name], f"The attribute {name!r}"), f"the attribute {name!r} of {file.filename!r}")


def save_model(model: Model, file: h5py.File, include_optimizer: bool = True) -> None:
    """Write a model into an open, empty `h5py.File`, in the form of Keras 2: Keras 3 and tf_keras open it.

    Args:
        include_optimizer: whether what `compile` was given and the optimizer's state are kept.

    Raises:
        ValueError: for a model that is not built, and for what the form can't express (saying what to do).
    """
    config = model_config(model)
    file.attrs["keras_version"] = KERAS_VERSION.encode("utf-8")
    file.attrs["backend"] = backend.backend().encode("utf-8")
    write_json(file, "model_config", config)
    save_weights(model, file.create_group("model_weights"))
    if include_optimizer and model.compiled:
        save_training(model, file)
