"""A checksum of our own over names and numbers, for formats that have none: HDF5 and safetensors.

It is kept where other readers don't look, an attribute of the file or an entry of its metadata, and compared when it is
there. It says what was saved, not how it lies in the file: repacking keeps it, changing a number does not.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable
from typing import Any

import h5py
import numpy as np

from kerasish.files.low_bits import as_bytes

NAME = "kerasish.checksum"
_BLOCK = 1 << 17  # bytes of numbers that are read at a time


def of_facts(facts: Iterable[Any]) -> str:
    """The checksum of what can be said in JSON, one fact after the other."""
    digest = hashlib.sha256()
    for fact in facts:
        digest.update(json.dumps(fact, sort_keys=True).encode() + b"\n")
    return digest.hexdigest()


def of_numbers(parts: Iterable[Any]) -> int:
    """The checksum of the bytes of arrays, as one after the other."""
    found = 0
    for part in parts:
        found = zlib.crc32(memoryview(as_bytes(np.ascontiguousarray(part))).cast("B") if part.size else b"", found)
    return found


def of_hdf5(file: h5py.File) -> str:
    """The checksum of all names, attributes and numbers of an open file, whose own checksum does not count."""
    return of_facts(_facts_of_hdf5(file))


def seal(file: h5py.File) -> str:
    """Write the checksum of a file that is complete into it, and return it."""
    found = of_hdf5(file)
    file.attrs[NAME] = np.bytes_(found)
    return found


def stored(file: h5py.File) -> str | None:
    """The checksum that an open file keeps, or None."""
    if NAME not in file.attrs:
        return None
    kept = file.attrs[NAME]
    return kept.decode("ascii", "replace") if isinstance(kept, bytes) else str(kept)


def check(file: h5py.File, what: str) -> None:
    """Compare the checksum of an open file with what it holds, where it has one.

    Raises:
        ValueError: that names `what` where the file holds something else than was saved.
    """
    kept = stored(file)
    if kept is not None:
        compare(kept, of_hdf5(file), what, "attributes")


def compare(kept: str, found: str, what: str, kept_in: str) -> None:
    """Raise a ValueError that names `what` where two checksums differ; `kept_in` is "attributes" or "metadata"."""
    if kept != found:
        raise ValueError(
            f"{what} is damaged: it does not hold what was saved (its checksum is wrong). If another program changed "
            f"it on purpose, remove {NAME!r} from its {kept_in}."
        )


def _facts_of_hdf5(file):
    pending = [("", file)]
    while pending:
        path, item = pending.pop()
        yield path, [fact for fact in _attributes(item) if path or fact[0] != NAME]
        if isinstance(item, h5py.Dataset):
            yield str(item.dtype), item.shape, of_numbers(_parts(item))
        else:
            pending.extend((f"{path}/{name}", item[name]) for name in sorted(item, reverse=True))


def _attributes(item):
    for name in sorted(item.attrs):
        value = item.attrs[name]
        if isinstance(value, h5py.Empty):
            yield name, str(value.dtype), None
            continue
        value = np.asarray(value)
        if value.dtype.kind in "OU":
            texts = [text if isinstance(text, bytes) else str(text).encode("utf-8", "replace") for text in value.flat]
            yield name, value.shape, [text.hex() for text in texts]
        else:
            yield name, str(value.dtype), value.shape, value.tobytes().hex()


def _parts(dataset):
    """The values of a dataset by some rows at a time, in order."""
    if not dataset.shape:
        if dataset.shape is not None:
            yield _plain(dataset[()])
        return
    rows = max(1, _BLOCK // max(1, dataset.dtype.itemsize * (dataset.size // max(1, dataset.shape[0]))))
    for start in range(0, dataset.shape[0], rows):
        yield _plain(dataset[start : start + rows])


def _plain(values):
    """An array whose bytes are its values: texts of any length are kept elsewhere."""
    values = np.asarray(values)
    return np.frombuffer(repr(values.tolist()).encode(), "uint8") if values.dtype.kind == "O" else values
