"""save_model, load_model and their likes: which format a path means, and who reads and writes it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, BinaryIO

from kerasish.backend import context, deprecation
from kerasish.configs.limits import load_json
from kerasish.configs.serialization import deserialize_keras_object
from kerasish.files import archive, checksums, hdf5, weights_h5, weights_safetensors, weights_sharded
from kerasish.files import old_hdf5 as legacy_hdf5
from kerasish.files.formats import format_of_file, format_of_target
from kerasish.files.hdf5_writing import created
from kerasish.files.tensorflow import checkpoint, saved_model
from kerasish.files.tfjs import reading as tfjs
from kerasish.layers.base.layer import Layer
from kerasish.suggestions import refuse_unknown, suggesting
from kerasish.typing import CustomObjects, PathLike
from kerasish.whole_files import may_write, reading, replacing

if TYPE_CHECKING:
    from kerasish.models.model import Model

_MODEL_ENDINGS = {".weights.h5": "weights", ".keras": "archive", ".h5": "hdf5", ".hdf5": "hdf5"}
_WEIGHT_ENDINGS = {
    ".weights.h5": "weights",
    ".weights.json": "shards",
    ".safetensors": "safetensors",
    ".h5": "hdf5",
    ".hdf5": "hdf5",
}


@suggesting
def save_model(
    model: Model,
    filepath: PathLike | BinaryIO,
    overwrite: bool = True,
    zipped: bool | None = None,
    include_optimizer: bool = True,
    save_format: str | None = None,
    **unknown: Any,
) -> None:
    """Write a model: architecture, weights, optimizer and compile state.

    The file appears whole or not at all: a failed save leaves the old file as it was.

    Args:
        model: the `Model`, built or not.
        filepath: path that ends in ".keras" (Keras 3's format), or in ".h5" or ".hdf5" (that of Keras 1 and 2); or a
            binary file that is open for writing, which gets the bytes of a ".keras" file.
        overwrite: bool, whether an existing file may be replaced (asked for on a terminal otherwise).
        zipped: False writes a folder in place of a ".keras" archive, whatever the path ends in: `save_model(model,
            "m.h5", zipped=False)` makes a folder "m.h5", as in Keras.
        include_optimizer: bool, whether an HDF5 file keeps the optimizer's state.
        save_format: Keras 2's word for the ending, "keras" or "h5"; it must agree with it.
        **unknown: none; refused by name.

    Raises:
        ValueError: for another ending, for other keywords, and for what the HDF5 of Keras 1 and 2 can't express.
        FileExistsError: for an existing file that may not be replaced.

    Example:
        >>> import kerasish as keras, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "model.keras")
        >>> keras.saving.save_model(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]), path)
        >>> os.path.getsize(path) > 1000
        True
    """
    refuse_unknown("save_model", unknown, save_model, error=ValueError)  # Keras's kind of error
    if hasattr(filepath, "write"):
        return _save_into(model, filepath)
    filepath = os.fspath(filepath)
    kind = "archive" if zipped is False else format_of_target(filepath, _MODEL_ENDINGS)
    if kind == "weights":
        raise ValueError(
            "A path that ends in '.weights.h5' is for weights alone: call `save_weights`, or choose another name "
            f"than {filepath!r}."
        )
    _check_format(save_format, kind, filepath)
    if not may_write(filepath, overwrite):
        return
    with between_steps(model):
        if kind == "archive":
            archive.write(model, filepath, zipped=zipped is not False)
        else:
            _write_hdf5(filepath, lambda file: legacy_hdf5.save_model(model, file, include_optimizer))


@suggesting
def load_model(
    filepath: PathLike | BinaryIO, custom_objects: CustomObjects = None, compile: bool = True, safe_mode: bool = True
) -> Model:
    """Open a model file of any Keras: ".keras", HDF5 since Keras 1, a SavedModel of tf.keras, or one of TensorFlow.js.

    Classes and functions are looked up by name, among those of the library and those that the program gives. Nothing in
    the file is run, and nothing is imported for its sake.

    Args:
        filepath: path of the file, or of the folder that `zipped=False` or tf.keras (a SavedModel) wrote, or of a
            `model.json` of TensorFlow.js; or a binary file that is open for reading.
        custom_objects: dict from name to class or function of the program's own, beside the registered ones.
        compile: bool. Compile the model as it was, with the state of its optimizer.
        safe_mode: bool. Refuse code in the file (Python lambdas); False runs it.

    Returns:
        The `Model`.

    Raises:
        ValueError: for a file that is no model, is broken, or names what is not known.
        OSError: for a path at which there is no file.

    Example:
        >>> import kerasish as keras, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "model.keras")
        >>> keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(path)
        >>> keras.saving.load_model(path).output_shape
        (None, 1)
    """
    if hasattr(filepath, "read"):
        return _load_from(filepath, custom_objects, compile, safe_mode)
    filepath = os.fspath(filepath)
    kind = format_of_file(filepath)
    if kind == "archive":
        return archive.load_model(filepath, custom_objects, compile, safe_mode)
    if kind == "hdf5":
        with hdf5.opened(filepath, builds_model=True) as file:
            if not legacy_hdf5.is_model(file):
                raise ValueError(
                    f"{filepath!r} holds weights, but no model: build the model, then call `model.load_weights`."
                )
            return legacy_hdf5.load_model(file, custom_objects, compile, safe_mode)
    if kind == "saved_model":
        return saved_model.load_model(filepath, custom_objects, compile, safe_mode)
    if kind == "tfjs":
        return tfjs.load_model(filepath, custom_objects, compile, safe_mode)
    raise ValueError(f"{filepath!r} holds weights, but no model: build the model, then call `model.load_weights`.")


@suggesting
def save_weights(
    model: Model,
    filepath: PathLike,
    overwrite: bool = True,
    max_shard_size: float | None = None,
    objects_to_skip: Sequence[Any] | None = None,
) -> None:
    """Write the weights of a built model.

    Args:
        model: the `Model`.
        filepath: path that ends in ".weights.h5" (Keras 3), ".weights.json" (Keras 3: an index, with the numbers in
            several files beside it), ".h5" or ".hdf5" (Keras 1 and 2) or ".safetensors".
        overwrite: bool, whether an existing file may be replaced (asked for on a terminal otherwise).
        max_shard_size: gigabytes (2**30 bytes) in one of the files beside a ".weights.json"; 5 when None.
        objects_to_skip: list of layers and other objects to leave out (".weights.h5", ".weights.json").

    Raises:
        ValueError: for another ending, a model that is not built, and an argument that does not go with the ending.
        FileExistsError: for an existing file that may not be replaced. A failed save leaves the old file whole.

    Example:
        >>> import kerasish as keras, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
        >>> keras.saving.save_weights(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]), path)
        >>> os.path.exists(path)
        True
    """
    filepath = os.fspath(filepath)
    kind = format_of_target(filepath, _WEIGHT_ENDINGS)
    if max_shard_size is not None and kind == "weights":
        filepath, kind = filepath.removesuffix(".h5") + ".json", "shards"
    if max_shard_size is not None and kind != "shards":
        raise ValueError(f"`max_shard_size` goes with a path that ends in '.weights.json', got {filepath!r}.")
    if kind not in ("weights", "shards"):
        _refuse(objects_to_skip, "objects_to_skip", "a path that ends in '.weights.h5' or '.weights.json'", filepath)
    if not may_write(filepath, overwrite):
        return
    with between_steps(model):
        if kind == "weights":
            weights_h5.save(model, filepath, objects_to_skip)
        elif kind == "shards":
            weights_sharded.save(model, filepath, max_shard_size, objects_to_skip)
        elif kind == "safetensors":
            weights_safetensors.save(model, filepath)
        else:
            _write_hdf5(filepath, lambda file: legacy_hdf5.save_weights(model, file))


@suggesting
def load_weights(
    model: Model,
    filepath: PathLike,
    skip_mismatch: bool = False,
    by_name: bool | Mapping[str, str] = False,
    objects_to_skip: Sequence[Any] | None = None,
    **unknown: Any,
) -> None:
    """Set the weights of a built model from a file of any Keras: weights alone, or a whole model's.

    Args:
        model: the `Model`.
        filepath: path of the file, or of the ".weights.json" index of several; or of a checkpoint of TensorFlow
            ("ckpt-12", without an ending), of a folder whose file `checkpoint` names the newest, or of a SavedModel.
        skip_mismatch: bool. Leave layers alone (with a warning) whose number or shapes of weights differ.
        by_name: bool. Match layers by name, not by order (HDF5 of Keras 1 and 2), or weights by names like
            "dense/kernel" (checkpoints). Of a checkpoint also a dict from names there to names in the model, or from
            scopes to scopes ("encoder/": "bert/"), to set these weights alone.
        objects_to_skip: list of layers and other objects to leave alone (files of Keras 3).
        **unknown: none; refused by name.

    Raises:
        ValueError: when the file does not fit, for a model that is not built, and for other keywords; nothing is
            changed then.

    Example:
        >>> import kerasish as keras, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "model.weights.h5")
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> model.save_weights(path)
        >>> keras.saving.load_weights(model, path)
    """
    refuse_unknown("load_weights", unknown, load_weights, error=ValueError)
    filepath = os.fspath(filepath)
    kind = format_of_file(filepath)
    if not model.built:
        raise ValueError(
            f"The model {model.name!r} isn't built, so it has no weights to load into. Call it on data or `build` it "
            "first."
        )
    with between_steps(model):
        _load_weights(model, filepath, kind, skip_mismatch, by_name, objects_to_skip)


def _load_weights(model, filepath, kind, skip_mismatch, by_name, objects_to_skip):
    if kind == "hdf5":
        with hdf5.opened(filepath) as file:
            if isinstance(by_name, Mapping):
                _refuse(by_name, "by_name", "a checkpoint of TensorFlow where it is a dict", filepath)
            if legacy_hdf5.is_weights(file):
                _refuse(objects_to_skip, "objects_to_skip", "a file of Keras 3", filepath)
                return legacy_hdf5.load_weights(model, file, by_name, skip_mismatch)
            _refuse(by_name, "by_name", "an HDF5 file of Keras 1 or 2", filepath)
            return weights_h5.load_from(model, file, skip_mismatch, objects_to_skip)
    if kind in ("checkpoint", "saved_model"):
        _refuse(objects_to_skip, "objects_to_skip", "a file of Keras 3", filepath)
        return checkpoint.load_weights(model, checkpoint.path_of(filepath), skip_mismatch, by_name)
    _refuse(by_name, "by_name", "an HDF5 file of Keras 1 or 2, or a checkpoint of TensorFlow", filepath)
    if kind == "archive":
        with archive.read(filepath) as opened, opened.weights() as file:
            return weights_h5.load_from(model, file, skip_mismatch, objects_to_skip)
    if kind == "shards":
        return weights_sharded.load(model, filepath, skip_mismatch, objects_to_skip)
    _refuse(objects_to_skip, "objects_to_skip", "a file of Keras 3", filepath)
    if kind == "tfjs":
        return tfjs.load_weights(model, filepath, skip_mismatch)
    weights_safetensors.load(model, filepath, skip_mismatch)


@suggesting
def model_from_json(json_string: str, custom_objects: CustomObjects = None) -> Model:
    """The model whose architecture `model.to_json()` described (in any version of Keras), with new weights.

    Args:
        json_string: string.
        custom_objects: dict from name to class or function of the program's own.

    Returns:
        The `Model`.

    Raises:
        ValueError: for text that is not JSON, and for a config that names what is not known.

    Example:
        >>> import kerasish as keras
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> keras.models.model_from_json(model.to_json()).count_params()
        3
    """
    with reading("`json_string`"):
        model = deserialize_keras_object(load_json(json_string, "`json_string`"), custom_objects=custom_objects)
    if not isinstance(model, Layer):
        raise ValueError(f"`json_string` describes no model: it gives {type(model).__name__}.")
    return model


def between_steps(model: Any) -> Any:
    """What keeps the training steps of other threads away; a layer by itself takes none, nor do copies of values."""
    if not isinstance(model, Layer):
        raise TypeError(f"`model` must be a Model, got {model!r} ({type(model).__name__}).")
    copied = context.current().values_then is not None
    return nullcontext() if copied else getattr(model, "_between_steps", None) or nullcontext()


def _save_into(model, file):
    """Write a ".keras" file into an open one, when it is whole."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        with between_steps(model):
            archive.write(model, path)
        with open(path, "rb") as written:
            shutil.copyfileobj(written, file)


def _load_from(file, custom_objects, compile, safe_mode):
    """Load a model from an open file, by way of one on the disk: the checks of its bytes need a size and a place."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        with open(path, "wb") as copy:
            shutil.copyfileobj(file, copy)
        return load_model(path, custom_objects, compile, safe_mode)


def _write_hdf5(filepath, write):
    with replacing(filepath) as temporary, created(temporary) as file:
        write(file)
        checksums.seal(file)


_FORMATS = {"keras": "archive", "h5": "hdf5", "hdf5": "hdf5"}  # Keras 2's words


def _check_format(save_format, kind, filepath):
    if save_format is None:
        return
    deprecation.warn_renamed("save", "save_format", "filepath (its ending)")
    if _FORMATS.get(save_format) != kind:
        raise ValueError(
            f"`save_format={save_format!r}` does not go with the path {filepath!r}: the ending says the format, "
            "'.keras' or '.h5'."
        )


def _refuse(value, argument, goes_with, filepath):
    if value:
        raise ValueError(f"`{argument}` goes with {goes_with}, which {filepath!r} is not.")
