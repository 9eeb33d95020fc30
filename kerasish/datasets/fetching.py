"""Files of data sets: fetched once into Keras's cache folder, checked, and read without running anything in them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from kerasish.datasets.plain_pickle import read_pickle
from kerasish.typing import PathLike
from kerasish.utils.downloads import get_file
from kerasish.whole_files import reading

_HOST = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def fetched(name: str, file_hash: str | None = None, saved_as: PathLike | None = None, folder: str = "datasets") -> str:
    """The path of a file that Keras's host of data sets serves; fetched where the cache lacks it.

    Args:
        name: of the file, at the host.
        file_hash: the digest that it must have.
        saved_as: name of the file in the cache; None: `name`.
        folder: within the cache.
    """
    return get_file(saved_as or name, origin=_HOST + name, file_hash=file_hash, cache_subdir=folder)


@contextmanager
def reading_data_set(path: str) -> Iterator[None]:
    """Name the file, and what to do, in the error for whatever is wrong with it."""
    try:
        with reading(f"the data set {path!r}"):
            yield
    except ValueError as error:
        raise ValueError(f"{error} Remove the file, and it is fetched again.") from error


def read_npz(path: str) -> dict[str, np.ndarray]:
    """All arrays of an .npz file, by name; arrays of objects too, as long as the objects are plain data."""
    with reading_data_set(path), zipfile.ZipFile(path) as archive:
        arrays = {}
        for name in archive.namelist():
            with archive.open(name) as member:
                arrays[name.removesuffix(".npy")] = _read_npy(member)
        return arrays


def read_word_index(path: str) -> dict[str, int]:
    """The numbers of words, by word, from a JSON file."""
    with reading_data_set(path), open(path, encoding="utf-8") as file:
        return json.load(file)


def _read_npy(member: Any) -> np.ndarray:
    version = np.lib.format.read_magic(member)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, is_fortran, dtype = read_header(member)
    if dtype.hasobject:
        array = read_pickle(member)
    else:
        array = np.frombuffer(member.read(), dtype).copy()
    return array.reshape(shape, order="F" if is_fortran else "C")
