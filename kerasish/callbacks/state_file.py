"""A tree of plain data and arrays in one file, which is written whole or not at all and tells where it is damaged."""

from __future__ import annotations

import json
import math
import zipfile
from typing import Any

import ml_dtypes
import numpy as np

from kerasish.backend import convert_to_numpy
from kerasish.configs.limits import load_json
from kerasish.typing import PathLike
from kerasish.whole_files import reading, replacing

_DATA = "state.json"
_ARRAY, _FLOAT = "array", "float"  # what the marked dicts in it stand for
_MARK = "kerasish.kind"


def write_state(path: PathLike, state: Any) -> None:
    """Write a tree of dicts, lists, tuples, texts, numbers, None and arrays.

    Args:
        path: path of the file, which takes the place of an old one in one step.
        state: the tree; tuples come back as lists.

    Raises:
        TypeError: for anything else, and for keys of dicts that are no texts; nothing is written then.
    """
    arrays = []
    text = json.dumps(_plain(state, "state", arrays), allow_nan=False)
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        archive.writestr(_DATA, text)
        for number, array in enumerate(arrays):
            archive.writestr(str(number), array.tobytes())


def read_state(path: PathLike) -> Any:
    """The tree that `write_state` wrote.

    Args:
        path: path of the file.

    Returns:
        The tree.

    Raises:
        ValueError: that names the file, for a damaged one.
    """
    with reading(repr(path)), zipfile.ZipFile(path) as archive:
        return _rebuilt(load_json(archive.read(_DATA), f"The data of {path!r}"), archive)


def _plain(value, where, arrays):
    """`value` as JSON has it; arrays go to a list of their own."""
    if (
        isinstance(value, np.generic)
        or not isinstance(value, (str, int, float, list, tuple, dict))
        and value is not None
    ):
        if not hasattr(value, "shape"):
            raise TypeError(f"{where} can't be kept in a file: it is {value!r:.80}, and no plain data or array.")
        array = convert_to_numpy(value)
        if array.dtype.hasobject:
            raise TypeError(f"{where} can't be kept in a file: it is an array of objects.")
        arrays.append(np.ascontiguousarray(array))
        return {_MARK: _ARRAY, "number": len(arrays) - 1, "dtype": array.dtype.name, "shape": list(array.shape)}
    if isinstance(value, float) and not math.isfinite(value):
        return {_MARK: _FLOAT, "value": str(float(value))}
    if isinstance(value, dict):
        strange = next((key for key in value if not isinstance(key, str)), None)
        if strange is not None:
            raise TypeError(f"{where} can't be kept in a file: its key {strange!r} is no text.")
        return {key: _plain(item, f"{where}[{key!r}]", arrays) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, f"{where}[{number}]", arrays) for number, item in enumerate(value)]
    return value


def _rebuilt(data, archive):
    if isinstance(data, list):
        return [_rebuilt(item, archive) for item in data]
    if not isinstance(data, dict):
        return data
    if data.get(_MARK) == _FLOAT:
        return float(data["value"])
    if data.get(_MARK) == _ARRAY:
        name = data["dtype"]
        dtype = np.dtype(getattr(ml_dtypes, name, None) or name)
        return np.frombuffer(archive.read(str(data["number"])), dtype).reshape(data["shape"]).copy()
    return {key: _rebuilt(item, archive) for key, item in data.items()}
