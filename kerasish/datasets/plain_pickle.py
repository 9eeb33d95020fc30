"""Pickles of plain data, read without running what they say.

A pickle is a program. Data sets of the years of Python 2 come as such all the same, so they are read by an unpickler
that knows numbers, texts, lists, dicts and NumPy's arrays of these, and no other name.
"""

from __future__ import annotations

import math
import pickle
from typing import Any, BinaryIO

import numpy as np

_ARRAY_HOMES = ("numpy.core.multiarray", "numpy._core.multiarray")  # before NumPy 2, and since
_PLAIN_KINDS = "biufcSUO"
_ARRAY_ITSELF = "numpy.ndarray"  # what a pickle gets for the class: a word, with which nothing can be made


def read_pickle(file: BinaryIO) -> Any:
    """The value of a pickle: plain data and NumPy arrays, alone, in a dict or in an array of objects.

    Args:
        file: open binary file, at the beginning of the pickle.

    Returns:
        The value. Texts of Python 2 are bytes.

    Raises:
        pickle.UnpicklingError: for a pickle that names anything else.
    """
    value = _PlainUnpickler(file, encoding="bytes").load()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return _plain(value)


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if module in _ARRAY_HOMES and name in ("_reconstruct", "scalar"):
            return {"_reconstruct": _begin_array, "scalar": _scalar}[name]
        if module == "numpy" and name in ("ndarray", "dtype"):
            return {"ndarray": _ARRAY_ITSELF, "dtype": _StoredDtype}[name]
        if (module, name) == ("_codecs", "encode"):  # bytes, as Python 3 writes them for Python 2
            return _latin_bytes
        raise pickle.UnpicklingError(
            f"it names `{module}.{name}`, and only numbers, texts, lists, dicts and NumPy arrays are read"
        )


class _StoredDtype:
    """What a pickle says of a dtype. NumPy's own would believe flags that make it take bytes for addresses."""

    def __init__(self, code, align=False, copy=True):
        self._code = code.decode("ascii") if isinstance(code, bytes) else code
        self._order = "|"

    def __setstate__(self, state):
        order = state[1]
        self._order = order.decode("ascii") if isinstance(order, bytes) else order

    def plain(self):
        found = np.dtype(self._code)
        if found.kind not in _PLAIN_KINDS or found.subdtype is not None:
            raise pickle.UnpicklingError(f"it holds an array of dtype {found}, which is not plain")
        return found.newbyteorder(self._order)


class _StoredArray(np.ndarray):
    """An array on its way: NumPy's array, filled only by a state that was looked at."""

    def __setstate__(self, state):
        version, shape, dtype, is_fortran, data = state
        if type(dtype) is not _StoredDtype or not all(type(size) is int and size >= 0 for size in shape):
            raise pickle.UnpicklingError("the state of one of its arrays is damaged")
        dtype, count = dtype.plain(), math.prod(shape)
        fits = len(data) == count if dtype.hasobject else len(data) == count * dtype.itemsize
        if type(data) is not (list if dtype.hasobject else bytes) or not fits:
            raise pickle.UnpicklingError(f"one of its arrays of shape {tuple(shape)} does not hold that many values")
        if dtype.hasobject:
            data = [_plain(item) for item in data]
        super().__setstate__((version, shape, dtype, bool(is_fortran), data))


def _plain(value):
    return value.view(np.ndarray) if isinstance(value, _StoredArray) else value


def _begin_array(kind, shape, code):
    if kind is not _ARRAY_ITSELF:
        raise pickle.UnpicklingError("it makes an array of a kind that is not NumPy's")
    return np.ndarray.__new__(_StoredArray, (0,), np.int8)


def _scalar(dtype, data):
    dtype = dtype.plain()
    if dtype.hasobject or len(data) != dtype.itemsize:
        raise pickle.UnpicklingError("one of its numbers is damaged")
    return np.frombuffer(data, dtype)[0]


def _latin_bytes(text, encoding):
    encoding = encoding.decode("ascii") if isinstance(encoding, bytes) else encoding
    if encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError(f"it holds bytes in the encoding {encoding!r}")
    return text.encode("latin1")
