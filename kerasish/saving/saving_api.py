"""save_model, load_model and their likes: which format a path means, and how each is read and written."""

import datetime
import io
import json
import os
import zipfile

from kerasish.backend import context
from kerasish.saving import weights_h5
from kerasish.saving.files import may_write, replacing
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object

KERAS_VERSION = "3.15.1"  # whose formats are written
_MEMBERS = ("metadata.json", "config.json", "model.weights.h5")


def save_model(model, filepath, overwrite=True, zipped=None, **kwargs):
    """Write a model (architecture, weights, optimizer and compile state) to one ".keras" file.

    Args:
        filepath: path that ends in ".keras". overwrite: whether an existing file may be replaced.

    Raises: ValueError for another ending; FileExistsError. A failed save leaves the old file whole.
    """
    filepath = os.fspath(filepath)
    if kwargs:
        raise TypeError(f"`save` got unknown arguments: {', '.join(map(repr, kwargs))}.")
    if not filepath.endswith(".keras"):
        raise ValueError(f"`filepath` must end in '.keras' (Keras's model format), got {filepath!r}. For weights alone use `save_weights('....weights.h5')`.")
    if not may_write(filepath, overwrite):
        return
    config = json.dumps(serialize_keras_object(model))
    metadata = json.dumps({"keras_version": KERAS_VERSION, "date_saved": datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S"), "writer": "kerasish"})
    with replacing(filepath) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        archive.writestr("metadata.json", metadata)
        archive.writestr("config.json", config)
        archive.writestr("model.weights.h5", _weights_bytes(model))


def _weights_bytes(model):
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        weights_h5.save_to(model, file)
    return buffer.getvalue()


def load_model(filepath, custom_objects=None, compile=True, safe_mode=True):
    """Open a ".keras" file as a model.

    Args:
        filepath: path. custom_objects: dict from name to class or function. compile: whether to compile it as it was.
        safe_mode: refuse code in the file (Python lambdas).

    Raises: ValueError for a file that is no model, is broken, or names what is not known. Nothing in the file is run.
    """
    filepath = os.fspath(filepath)
    if not os.path.exists(filepath):
        raise ValueError(f"File not found: {filepath!r}.")
    if not zipfile.is_zipfile(filepath):
        raise ValueError(f"{filepath!r} is no '.keras' file (it is not a zip archive, or it is cut off).")
    try:
        with zipfile.ZipFile(filepath) as archive:
            parts = _read_members(archive, filepath)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise ValueError(f"{filepath!r} is damaged: {error}.") from error
    with context.scope(compile_loaded=compile, shared_objects={}):
        model = deserialize_keras_object(parts["config.json"], custom_objects=custom_objects, safe_mode=safe_mode)
    _load_weights_bytes(model, parts["model.weights.h5"], filepath)
    return model


def _read_members(archive, filepath):
    names = archive.namelist()
    missing = [name for name in _MEMBERS[1:] if name not in names]
    if missing:
        raise ValueError(f"{filepath!r} is no '.keras' file: it lacks {', '.join(missing)}.")
    try:
        config = json.loads(archive.read("config.json"))
    except ValueError as error:
        raise ValueError(f"{filepath!r} is damaged: config.json is not valid JSON ({error}).") from error
    return {"config.json": config, "model.weights.h5": archive.read("model.weights.h5")}


def _load_weights_bytes(model, data, filepath):
    import h5py

    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            weights_h5.load_from(model, file)
    except OSError as error:
        raise ValueError(f"{filepath!r} is damaged: its weights are not valid HDF5 ({error}).") from error


def save_weights(model, filepath, overwrite=True, **kwargs):
    """Write the weights of a built model to a ".weights.h5" file. A failed save leaves the old file whole."""
    import h5py

    filepath = os.fspath(filepath)
    if kwargs:
        raise TypeError(f"`save_weights` got unknown arguments: {', '.join(map(repr, kwargs))}.")
    if not filepath.endswith(".weights.h5"):
        raise ValueError(f"`filepath` must end in '.weights.h5', got {filepath!r}.")
    if not may_write(filepath, overwrite):
        return
    with replacing(filepath) as temporary, h5py.File(temporary, "w") as file:
        weights_h5.save_to(model, file)


def load_weights(model, filepath, skip_mismatch=False, **kwargs):
    """Set the weights of a built model from a ".weights.h5" or ".keras" file.

    Raises: ValueError when the file does not fit; nothing is changed then.
    """
    import h5py

    filepath = os.fspath(filepath)
    if kwargs:
        raise TypeError(f"`load_weights` got unknown arguments: {', '.join(map(repr, kwargs))}.")
    if not os.path.exists(filepath):
        raise ValueError(f"File not found: {filepath!r}.")
    if not model.built:
        raise ValueError(f"The model {model.name!r} isn't built, so it has no weights to load into. Call it on data or `build` it first.")
    try:
        if filepath.endswith(".keras"):
            with zipfile.ZipFile(filepath) as archive:
                source = io.BytesIO(archive.read("model.weights.h5"))
        else:
            source = filepath
        with h5py.File(source, "r") as file:
            weights_h5.load_from(model, file, skip_mismatch)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ValueError(f"{filepath!r} is no weights file, or it is damaged ({error}).") from error


def model_from_json(json_string, custom_objects=None):
    """The model whose architecture `model.to_json()` described, with new weights."""
    try:
        config = json.loads(json_string)
    except ValueError as error:
        raise ValueError(f"`json_string` is not valid JSON: {error}.") from error
    return deserialize_keras_object(config, custom_objects=custom_objects)
