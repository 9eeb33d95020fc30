"""What lies in the folder of models: `NAME/VERSION/` with a model's file, `NAME/serving.json` beside the versions."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from kerasish.typing import PathLike

WARMUP = os.path.join("assets.extra", "tf_serving_warmup_requests")  # where TensorFlow Serving looks for it
_ENDINGS = (".keras", ".h5", ".hdf5")
_WHOLE_FOLDER = ("config.json", "saved_model.pb", "model.json")


@dataclass(frozen=True)
class Found:
    """A version as it lies there.

    Args:
        version: int.
        folder: string, its path.
        stamp: hashable that changes when something in the folder changes.
    """

    version: int
    folder: str
    stamp: Any


def models_in(root: PathLike) -> list[str]:
    """The names of the models: the folders in `root` that hold versions. Raises OSError where `root` can't be read."""
    with os.scandir(root) as entries:
        names = sorted(entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir())
    return [name for name in names if versions_in(os.path.join(root, name))]


def versions_in(folder: str) -> list[Found]:
    """The versions of a model, the oldest first: folders whose names are numbers, as TensorFlow Serving has it."""
    with os.scandir(folder) as entries:
        found = [entry for entry in entries if entry.name.isascii() and entry.name.isdecimal() and entry.is_dir()]
    versions = {int(entry.name): entry.path for entry in sorted(found, key=lambda entry: entry.name)}
    return [Found(version, versions[version], _stamp(versions[version])) for version in sorted(versions)]


def _stamp(folder):
    """Names, sizes and times of all files below a folder."""
    seen = []
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                status = os.stat(os.path.join(path, name))
            except OSError:
                continue  # it went while we looked
            seen.append((path, name, status.st_size, status.st_mtime_ns, status.st_ino))
    return tuple(sorted(seen))


def model_file(folder: str) -> str:
    """What `load_model` is to open in the folder of a version: the one file of a model in it, or the folder itself.

    Raises:
        ValueError: where there is none, or more than one.
    """
    names = sorted(os.listdir(folder))
    if any(name in names for name in _WHOLE_FOLDER):
        return folder
    files = [name for name in names if name.endswith(_ENDINGS) and not name.endswith(".weights.h5")]
    if len(files) == 1:
        return os.path.join(folder, files[0])
    if files:
        raise ValueError(f"{folder} holds several models ({', '.join(files)}): give each a version of its own.")
    raise ValueError(
        f"{folder} holds no model: put a file that ends in {', '.join(_ENDINGS)} into it, or a SavedModel's files."
    )
