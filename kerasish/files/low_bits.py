"""bfloat16 and float8 in files: what HDF5 has no name for, and what no buffer may hold."""

from __future__ import annotations

from typing import Any

import h5py
import ml_dtypes  # noqa: F401  (NumPy knows these types by name from here on)
import numpy as np

NAMES = {"bfloat16": 2, "float8_e4m3fn": 1, "float8_e5m2": 1}  # the types, and the bytes of a number
_SAID = "dtype"  # the attribute of a dataset in which Keras says which of them its bytes are


def write_dataset(group: h5py.Group, name: str, value: Any) -> h5py.Dataset:
    """A new dataset; where HDF5 has no type for its numbers, bytes and what they are, as in Keras's files."""
    dataset = group.create_dataset(name, data=value)
    dtype = getattr(value, "dtype", None)
    if dtype is not None and dtype.name in NAMES:
        dataset.attrs[_SAID] = dtype.name
    return dataset


def name_in(dataset: h5py.Dataset) -> str | None:
    """Which of the types a dataset holds; None for any other. Two bytes of which nothing is said are bfloat16."""
    dtype = dataset.dtype
    if dtype.kind != "V" or dtype.fields is not None or dtype.itemsize not in NAMES.values():
        return None
    try:
        said = dataset.attrs.get(_SAID)
    except Exception:  # of a damaged file; what it may raise there h5py does not say
        said = None
    said = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    if isinstance(said, str) and NAMES.get(said) == dtype.itemsize:
        return said
    return "bfloat16" if dtype.itemsize == NAMES["bfloat16"] else None


def typed(values: Any, name: str) -> np.ndarray[Any, Any]:
    """The numbers of a dataset's bytes."""
    return np.asarray(values).view(name)


def as_bytes(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """An array whose memory can be written: the same numbers, or their bytes."""
    return values.view(f"u{values.dtype.itemsize}") if values.dtype.name in NAMES else values


def plain(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """An array that HDF5 has a type for: the same, or its numbers in float32.

    So the old form of files has them, of which no reader of earlier Kerases (nor Keras 3's) knows anything else.
    """
    return values.astype(np.float32) if values.dtype.name in NAMES else values
