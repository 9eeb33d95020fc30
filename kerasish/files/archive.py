"""The ".keras" archive of Keras 3 (and of TensorFlow 2.12 to 2.15), and the same as a folder.

config.json, metadata.json, model.weights.h5, assets/.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from kerasish.backend import context
from kerasish.configs.eras import modernize
from kerasish.configs.limits import load_json
from kerasish.configs.registration import CustomObjectScope
from kerasish.configs.serialization import deserialize_keras_object, serialize_for_file
from kerasish.configs.unquantized import unquantized
from kerasish.files import checksums, hdf5, weights_h5
from kerasish.files.archive_sources import ASSETS, ZipSource, opened_folder
from kerasish.files.formats import KERAS_VERSION
from kerasish.files.hdf5_writing import created
from kerasish.layers.base.layer import Layer
from kerasish.typing import CustomObjects, PathLike
from kerasish.whole_files import reading, replacing, replacing_folder

if TYPE_CHECKING:
    from kerasish.models.model import Model

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_PARTS = frozenset({CONFIG, METADATA, WEIGHTS, "model.weights.npz", ASSETS})


def write(model: Model, path: str, zipped: bool = True) -> None:
    """Write a model to a ".keras" archive, or with `zipped=False` to a folder.

    A failed save leaves what stood there whole.

    Raises:
        ValueError: for a folder that holds other things than a model.
    """
    path = os.fspath(path)
    config = json.dumps(serialize_for_file(model))
    metadata = json.dumps(
        {
            "keras_version": KERAS_VERSION,
            "date_saved": datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S"),
            "writer": "kerasish",
        }
    )
    texts = {METADATA: metadata, CONFIG: config}
    if zipped:
        with replacing(path) as temporary:
            _write_zip(model, temporary, texts)
        return
    strangers = _strangers(path)
    if strangers:
        raise ValueError(
            f"`filepath` must be a new folder, or one that holds a model and nothing else, got {path!r}, where "
            f"{strangers[0]!r} stands."
        )
    with replacing_folder(path) as temporary:
        _write_folder(model, temporary, texts)


def _strangers(path):
    """Names of what stands at `path` and is no part of a saved model.

    Without a config even a folder called "assets" is somebody's own.
    """
    if not os.path.isdir(path):
        return [path] if os.path.lexists(path) else []
    names = set(os.listdir(path))
    return sorted(names - _PARTS if CONFIG in names else names)


def _write_zip(model, path, texts):
    """The weights go through an unnamed file on the same disk, not through memory.

    A model is saved in the memory that it has.
    """
    with (
        zipfile.ZipFile(path, "w") as archive,
        tempfile.TemporaryFile(dir=os.path.dirname(os.path.abspath(path))) as scratch,
    ):
        for name, text in texts.items():
            archive.writestr(name, text)
        with created(scratch) as file:
            weights_h5.save_to(model, file)
        scratch.seek(0)
        with archive.open(WEIGHTS, "w", force_zip64=True) as member:
            shutil.copyfileobj(scratch, member, 1 << 20)
        if _with_assets(model, "save_assets"):
            with tempfile.TemporaryDirectory() as folder:
                _save_assets(model, folder)
                for name in _files_below(folder):
                    archive.write(os.path.join(folder, name), f"{ASSETS}/{name.replace(os.sep, '/')}")


def _write_folder(model, folder, texts):
    for name, text in texts.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    with created(os.path.join(folder, WEIGHTS)) as file:
        weights_h5.save_to(model, file)
        checksums.seal(file)  # a zip has checksums of its own, a folder has none
    if _with_assets(model, "save_assets"):
        _save_assets(model, os.path.join(folder, ASSETS))


def _with_assets(model, hook):
    return [(path, item) for path, item in weights_h5.saveables(model) if hasattr(item, hook)]


def _asset_place(folder, path):
    """Where the assets of the object at `path` (names of attributes, which a user may choose) lie.

    Never outside of `folder`.
    """
    parts = path.split("/") if path else []
    if any(part in ("", ".", "..") or "\\" in part or ":" in part for part in parts):
        raise ValueError(
            f"The object at {path!r} in the model has assets, but its path can't be the name of a folder. Rename the "
            "attribute that holds it."
        )
    return os.path.join(folder, *parts)


def _save_assets(model, folder):
    for path, item in _with_assets(model, "save_assets"):
        place = _asset_place(folder, path)
        os.makedirs(place, exist_ok=True)
        item.save_assets(place)
        for name in _files_below(place):
            if re.search(r"[\\:]", name.replace(os.sep, "/")):
                raise ValueError(
                    f"The object at {path!r} in the model saves a file {name!r} among its assets, a name that loading "
                    "refuses. Rename the file."
                )


def _files_below(folder):
    found = (
        os.path.relpath(os.path.join(where, name), folder) for where, _, names in os.walk(folder) for name in names
    )
    return sorted(found)


class Archive:
    """A model archive or folder, opened by `read`.

    Attributes:
        config, metadata: the dicts of config.json and metadata.json ({} where the latter is missing).
        members: names of what is in it.
    """

    def __init__(self, path: str, source: Any) -> None:
        self.path: str = path
        self._source = source
        self.members: Any = source.names
        missing = [name for name in (CONFIG,) if name not in self.members]
        if missing:
            raise ValueError(f"{path!r} is no '.keras' file: it lacks {', '.join(missing)}.")
        self.config: dict[Any, Any] = self._json(CONFIG)
        self.metadata: dict[Any, Any] = self._json(METADATA) if METADATA in self.members else {}

    def _json(self, name):
        data = load_json(self._source.text(name), f"{name} in {self.path!r}", self._source.stored(name))
        if not isinstance(data, dict):
            raise ValueError(
                f"{name} in {self.path!r} is damaged: it must hold a JSON object, got {type(data).__name__}."
            )
        return data

    @contextmanager
    def weights(self, builds_model: bool = False) -> list[Any]:
        """The weights as an opened, checked `h5py.File`; `builds_model` as for `hdf5.opened`.

        Raises ValueError where they are missing or damaged.
        """
        if WEIGHTS not in self.members:
            hint = (
                " Its weights are in NumPy's format (.npz), which no public function of Keras writes."
                if "model.weights.npz" in self.members
                else ""
            )
            raise ValueError(f"{self.path!r} is no '.keras' file: it lacks {WEIGHTS}.{hint}")
        with (
            self._source.open(WEIGHTS) as source,
            hdf5.opened(source, self.path, builds_model, self._source.stored(WEIGHTS)) as file,
        ):
            yield file

    def files(self) -> Iterator[Any]:
        """(name, readable binary file) of every file in it, one after the other."""
        return self._source.files()

    def load_assets(self, model: Model) -> None:
        """Hand each object below `model` that has `load_assets` its folder of files, or None where there is none."""
        takers = _with_assets(model, "load_assets")
        if not takers:
            return
        with self._source.assets() as folder:
            for path, item in takers:
                place = folder and _asset_place(folder, path)
                item.load_assets(place if place and os.path.isdir(place) else None)


@contextmanager
def read(path: str) -> Iterator[Any]:
    """Open a ".keras" file or an unzipped one (a folder) as an `Archive`, for the time of the block.

    What is read comes from one save, whatever is written to `path` meanwhile: nothing is opened twice.

    Raises:
        ValueError: for what is no archive, is damaged, or has members that no model has (paths that leave the folder,
            links, bombs).
    """
    path = os.fspath(path)
    with reading(repr(path)), ExitStack() as stack:
        if not os.path.exists(path):
            raise ValueError(f"File not found: {path!r}.")
        if os.path.isdir(path):
            yield Archive(path, opened_folder(path, stack))
            return
        try:
            archive = stack.enter_context(zipfile.ZipFile(path))
        except zipfile.BadZipFile as error:
            raise ValueError(
                f"{path!r} is no '.keras' file: it is not a zip archive, or it is cut off ({error})."
            ) from error
        yield Archive(path, ZipSource(path, archive))


def load_model(
    filepath: PathLike, custom_objects: CustomObjects = None, compile: bool = True, safe_mode: bool = True
) -> Any:
    """The model in a ".keras" file or folder, with its weights, and compiled as it was.

    Args:
        filepath: path.
        custom_objects: dict from name to class or function.
        compile: whether to compile it.
        safe_mode: refuse code in the file (Python lambdas).

    Raises:
        ValueError: for a file that is no model, is damaged, or names what is not known. Nothing in the file is run.
    """
    with read(filepath) as archive, archive.weights(builds_model=True) as file:
        with (
            context.scope(compile_loaded=compile, shared_objects={}, initial_values=False),
            CustomObjectScope(custom_objects or {}),
        ):
            config, taken_out = unquantized(modernize(archive.config, archive.metadata.get("keras_version")))
            model = deserialize_keras_object(config, custom_objects=custom_objects, safe_mode=safe_mode)
        if not isinstance(model, Layer):
            raise ValueError(f"config.json in {archive.path!r} describes no model: it gives {type(model).__name__}.")
        weights_h5.load_from(model, file)
        archive.load_assets(model)
    if taken_out:
        warnings.warn(
            f"The model in {archive.path!r} was saved with {' and '.join(sorted(taken_out))}: it is opened with the "
            "weights in floats that its numbers stand for, and computes as these do.",
            stacklevel=4,
        )
    return model
