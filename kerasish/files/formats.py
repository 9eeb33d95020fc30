"""Which format a path asks for, and which one a file is in: by its first bytes, whatever it is called.

JSON alone is known by its ending.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping

from kerasish.configs.limits import read_text
from kerasish.typing import PathLike

KERAS_VERSION = "3.15.1"  # whose formats are written
TFJS_MODEL = "model.json"  # in a folder of TensorFlow.js
_ZIP = b"PK\x03\x04"
_HDF5 = b"\x89HDF\r\n\x1a\n"
_FOREIGN = (  # (first bytes, what such a file is)
    (b"\x80\x02", "a pickle, which is a program: kerasish never opens one"),
    (b"\x80\x03", "a pickle, which is a program: kerasish never opens one"),
    (b"\x80\x04", "a pickle, which is a program: kerasish never opens one"),
    (b"\x80\x05", "a pickle, which is a program: kerasish never opens one"),
    (b"\x93NUMPY", "a NumPy array; set it with `model.set_weights`"),
    (b"\x1f\x8b", "compressed by gzip; unpack it first"),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file itself; fetch it with `git lfs pull`"),
    (b"<!DOCTYPE", "a page of HTML: the download went wrong"),
    (b"<html", "a page of HTML: the download went wrong"),
)


def format_of_target(filepath: PathLike, endings: Mapping[str, str], argument: str = "filepath") -> str:
    """The format for writing to a path, by its ending.

    Args:
        filepath: path.
        endings: dict from ending to format, longest first.
        argument: what messages call the path.

    Returns:
        The format, one of the values of `endings`.

    Raises:
        ValueError: for another ending; it lists them.
    """
    for ending, name in endings.items():
        if filepath.endswith(ending):
            return name
    raise ValueError(f"`{argument}` must end in {', '.join(map(repr, endings))}, got {filepath!r}.")


def format_of_file(filepath: PathLike) -> str:
    """The format of an existing file or folder, by what stands in it.

    Args:
        filepath: path.

    Returns:
        "archive", "hdf5", "shards", "safetensors", "tfjs", "saved_model" (a folder of TensorFlow's) or "checkpoint" (of
        TensorFlow's too: a path without an ending, or a folder that lists some).

    Raises:
        ValueError: for anything else; it says what the file is instead, as far as can be seen.
    """
    if os.path.isfile(f"{filepath}.index") or filepath.endswith(".index") and os.path.isfile(filepath):
        return "checkpoint"
    if not os.path.exists(filepath):
        raise ValueError(f"File not found: {filepath!r}.")
    if os.path.isdir(filepath):
        return _format_of_folder(filepath)
    with open(filepath, "rb") as file:
        head = file.read(64)
    if not head:
        raise ValueError(f"{filepath!r} is empty.")
    if head.startswith(_ZIP) and zipfile.is_zipfile(filepath):  # its weights may lie where HDF5's block would end
        return "archive"
    if head.startswith(_HDF5) or _is_hdf5_with_user_block(filepath):
        return "hdf5"
    if _is_safetensors(filepath, head):  # before the pickles: they begin with a length, which may have any bytes
        return "safetensors"
    for start, meaning in _FOREIGN:
        if head.startswith(start):
            raise ValueError(f"{filepath!r} is {meaning}.")
    if zipfile.is_zipfile(filepath):
        return "archive"
    if filepath.endswith(".json"):
        return "tfjs" if is_tfjs(filepath) else "shards"
    ending = os.path.splitext(filepath)[1]
    kind = {".keras": "zip archive", ".h5": "HDF5", ".hdf5": "HDF5", ".safetensors": "safetensors"}.get(ending)
    if kind:
        raise ValueError(f"{filepath!r} is no '{ending}' file: it is not {kind}, or it is cut off or damaged.")
    raise ValueError(
        f"{filepath!r} is in no format that is known here ('.keras', HDF5, '.weights.json', '.safetensors', a "
        "SavedModel or a checkpoint of TensorFlow, model.json of TensorFlow.js)."
    )


def _format_of_folder(folder):
    if os.path.exists(os.path.join(folder, "config.json")):
        return "archive"
    if os.path.exists(os.path.join(folder, "saved_model.pb")):
        return "saved_model"
    if os.path.exists(os.path.join(folder, "checkpoint")):
        return "checkpoint"
    if is_tfjs(folder):
        return "tfjs"
    raise ValueError(f"{folder!r} is a folder, but it holds no model (no config.json, saved_model.pb or checkpoint).")


def is_tfjs(path: PathLike) -> bool:
    """Whether a path is a model of TensorFlow.js: its JSON, or the folder around it."""
    path = os.path.join(path, TFJS_MODEL) if os.path.isdir(path) else path
    if not os.path.isfile(path) or path.endswith(".weights.json"):
        return False
    text = read_text(path, repr(path))
    return b'"weightsManifest"' in text and b'"modelTopology"' in text


def _is_safetensors(filepath, head):
    """By a header of JSON that is as long as it says.

    One that is cut off by its name, so that its reader can say so.
    """
    if head[8:9] != b"{":
        return False
    return filepath.endswith(".safetensors") or 8 + int.from_bytes(head[:8], "little") <= os.path.getsize(filepath)


def _is_hdf5_with_user_block(filepath):
    """HDF5 may begin behind a block of the user's, at 512, 1024, 2048, ... bytes."""
    size, offset = os.path.getsize(filepath), 512
    with open(filepath, "rb") as file:
        while offset + len(_HDF5) <= size:
            file.seek(offset)
            if file.read(len(_HDF5)) == _HDF5:
                return True
            offset *= 2
    return False
