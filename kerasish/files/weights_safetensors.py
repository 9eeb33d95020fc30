"""Files ".safetensors": a header of names, dtypes, shapes and offsets in JSON, then the raw numbers.

Written and read from the description of the format.

Source: https://huggingface.co/docs/safetensors
"""

from __future__ import annotations

import json
import mmap
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.configs.limits import load_json
from kerasish.files import checksums, low_bits
from kerasish.files.weights_h5 import check_built
from kerasish.files.weights_store import Plan, StoredTensor
from kerasish.files.weights_walk import saveables
from kerasish.typing import TensorLike
from kerasish.whole_files import reading, replacing

if TYPE_CHECKING:
    from kerasish.models.model import Model

MAX_HEADER = 100_000_000  # bytes, the format's own limit
_MAX_RANK = 64
_BLOCK = 1 << 17  # numbers that are copied at a time
_PLACES = (
    "kerasish.places"  # in the metadata: where in the model each tensor stands, for models whose generated names differ
)
_METADATA = "__metadata__"
_UNKNOWN = "0" * 64  # in place of the checksum, until the numbers are written
_TYPES = {  # the format's name -> (NumPy's name of what is stored, bytes a number)
    "BOOL": ("bool", 1),
    "U8": ("uint8", 1),
    "I8": ("int8", 1),
    "U16": ("uint16", 2),
    "I16": ("int16", 2),
    "U32": ("uint32", 4),
    "I32": ("int32", 4),
    "U64": ("uint64", 8),
    "I64": ("int64", 8),
    "F16": ("float16", 2),
    "BF16": ("bfloat16", 2),
    "F8_E4M3": ("float8_e4m3fn", 1),
    "F8_E5M2": ("float8_e5m2", 1),
    "F32": ("float32", 4),
    "F64": ("float64", 8),
}
_CODES = {name: code for code, (name, _) in _TYPES.items()}


# -- writing ------------------------------------------------------------------------------------------------------


def save(model: Model, path: str) -> None:
    """Write the weights of a built model (not the optimizer's state), named by their variables' paths.

    Raises:
        ValueError: for a model that is not built. A failed save leaves the old file whole.
    """
    check_built(model)
    named = named_weights(model)
    entries = sorted(
        named.items(), key=lambda pair: -_TYPES[_code(pair[0], pair[1])][1]
    )  # wide numbers first, so that all are aligned
    metadata = {"format": "np", "writer": "kerasish", _PLACES: json.dumps(_places(model, named))}
    header, end = {_METADATA: {**metadata, checksums.NAME: _UNKNOWN}}, 0
    for name, variable in entries:
        code = _code(name, variable)
        size = prod(variable.shape) * _TYPES[code][1]
        header[name] = {"dtype": code, "shape": list(variable.shape), "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with replacing(path) as temporary, open(temporary, "wb") as file:
        file.write(len(text).to_bytes(8, "little"))
        file.write(text)
        sums = {}
        for name, variable in entries:
            value = variable.numpy()
            value = np.ascontiguousarray(value, value.dtype.newbyteorder("<"))
            sums[name] = checksums.of_numbers([value])
            file.write(low_bits.as_bytes(value))
        file.seek(8)
        file.write(text.replace(_UNKNOWN.encode(), _checksum(header, sums).encode(), 1))


def _checksum(header, sums):
    """Of what a file says, but not of how it is laid out: other programs may arrange it anew."""
    tensors = [[name, entry["dtype"], entry["shape"]] for name, entry in sorted(header.items()) if name != _METADATA]
    metadata = {key: value for key, value in header.get(_METADATA, {}).items() if key != checksums.NAME}
    return checksums.of_facts([metadata, *(tensor + [sums[tensor[0]]] for tensor in tensors)])


def _code(name, variable):
    if variable.dtype not in _CODES:
        raise ValueError(
            f"The variable {name!r} has dtype {variable.dtype}, which '.safetensors' can't hold here. Known: "
            f"{', '.join(_CODES)}."
        )
    return _CODES[variable.dtype]


def named_weights(model: Model) -> Any:
    """Dict from name to Variable of all weights.

    A variable's path, with a number behind where several have the same.
    """
    named = {}
    for variable in model.weights:
        name, number = variable.path, 1
        while name in named or name == _METADATA:
            name, number = f"{variable.path}_{number}", number + 1
        named[name] = variable
    return named


def _places(model, named):
    """Dict from a tensor's name to where it stands in the model, which does not hang on generated names."""
    places = {}
    for path, item in saveables(model):
        for index, variable in enumerate(getattr(item, "_own_variables", ())):
            places.setdefault(id(variable), f"{path}/vars/{index}".lstrip("/"))
    return {name: places[id(variable)] for name, variable in named.items() if id(variable) in places}


# -- reading ------------------------------------------------------------------------------------------------------


def load(model: Model, path: str, skip_mismatch: bool = False) -> None:
    """Set the weights of a built model by name; everything is checked before the first is changed.

    Further tensors in the file are left alone.

    Args:
        skip_mismatch: leave weights alone (with a warning) that the file lacks or holds in another shape.

    Raises:
        ValueError: for a damaged file, and with a list of the weights that the file lacks or holds in another shape.
    """
    with opened(path) as (tensors, metadata):
        plan, named = Plan(), named_weights(model)
        standing = _by_place(tensors, metadata, repr(os.fspath(path)))
        places = _places(model, named) if standing and not all(name in tensors for name in named) else {}
        for name, variable in named.items():
            tensor = standing.get(places.get(name)) if places else tensors.get(name)
            if tensor is None and places:
                tensor = tensors.get(name)
            if tensor is None:
                plan.problems.append(f"{name}: the file has no tensor of this name")
            elif tuple(tensor.shape) != tuple(variable.shape):
                plan.problems.append(
                    f"{name}: the variable has shape {tuple(variable.shape)}, the file holds {tuple(tensor.shape)}"
                )
            else:
                plan.pairs.append((variable, tensor))
        plan.apply(repr(os.fspath(path)), skip_mismatch)


def _by_place(tensors, metadata, what):
    """Dict from a place in the model to the tensor that stood there when the file was written here."""
    text = metadata.get(_PLACES)
    if text is None:
        return {}
    places = load_json(text, f"The metadata of {what}")
    if not isinstance(places, dict) or any(
        not isinstance(place, str) or name not in tensors for name, place in places.items()
    ):
        raise ValueError(f"{what} is damaged: its metadata {_PLACES!r} does not belong to its tensors.")
    return {place: tensors[name] for name, place in places.items()}


@contextmanager
def opened(path: str) -> Iterator[Any]:
    """(dict from name to StoredTensor, dict of metadata) of a file.

    Its numbers are mapped into memory and read when asked for.

    Raises:
        ValueError: that names the file, for a header that is no JSON, too long or contradicts itself, and for offsets
            that overlap, leave gaps or the file.
    """
    path = os.fspath(path)
    what = repr(path)
    with reading(what):
        if not os.path.isfile(path):
            raise ValueError(f"File not found: {what}.")
        with open(path, "rb") as file:
            header, start = _read_header(file, what)
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            try:
                tensors = {
                    name: MappedTensor(mapped, name, entry, start)
                    for name, entry in header.items()
                    if name != _METADATA
                }
                _check_numbers(header, tensors, what)
                yield tensors, header.get(_METADATA, {})
            finally:
                tensors = None
                _close(mapped)


def _check_numbers(header, tensors, what):
    """Compare the checksum in the metadata, where there is one, with what the file holds."""
    kept = header.get(_METADATA, {}).get(checksums.NAME)
    if kept is not None:
        sums = {name: checksums.of_numbers(tensor.parts(_BLOCK)) for name, tensor in tensors.items()}
        checksums.compare(kept, _checksum(header, sums), what, "metadata")


def _close(mapped):
    try:
        mapped.close()
    except BufferError:
        pass  # an array made from it lives on; it is unmapped with that


def _read_header(file, what):
    """(checked header, where the numbers begin)."""
    size = os.fstat(file.fileno()).st_size
    if size < 8:
        raise ValueError(f"{what} is no '.safetensors' file: it has {size} bytes.")
    length = int.from_bytes(file.read(8), "little")
    if length > MAX_HEADER or length > size - 8:
        raise ValueError(
            f"{what} is no '.safetensors' file, or it is cut off: its header would be {length} bytes long, the file "
            f"has {size}."
        )
    text = file.read(length)
    if not text.startswith(b"{"):
        raise ValueError(f"{what} is no '.safetensors' file: its header is no JSON object.")
    try:
        header = json.loads(text.decode("utf-8"), object_pairs_hook=lambda pairs: _without_duplicates(pairs, what))
    except RecursionError:
        raise ValueError(f"{what} is damaged: its header is nested too deeply.") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{what} is damaged: its header is no valid JSON ({error}).") from error
    _check_metadata(header.get(_METADATA, {}), what)
    _check_entries({name: entry for name, entry in header.items() if name != _METADATA}, size - 8 - length, what)
    return header, 8 + length


def _without_duplicates(pairs, what):
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ValueError(f"{what} is damaged: its header names {twice!r} twice.")
    return found


def _check_metadata(metadata, what):
    if not isinstance(metadata, dict) or any(not isinstance(value, str) for value in metadata.values()):
        raise ValueError(f"{what} is damaged: {_METADATA!r} of its header must hold text alone.")


def _check_entries(entries, size, what):
    """Each entry by itself, and that together they cover the `size` bytes of numbers once."""
    spans = []
    for name, entry in entries.items():
        where = f"the tensor {name!r} of {what}"
        if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
            raise ValueError(
                f"{where} is described by {str(entry)[:100]}; expected 'dtype', 'shape' and 'data_offsets'."
            )
        if not isinstance(entry["dtype"], str) or entry["dtype"] not in _TYPES:
            raise ValueError(
                f"{where} has the dtype {entry['dtype']!r}, which is not known here. Known: {', '.join(_TYPES)}."
            )
        if not _are_sizes(entry["shape"]) or len(entry["shape"]) > _MAX_RANK:
            raise ValueError(
                f"{where} has the shape {str(entry['shape'])[:100]}; expected a list of at most {_MAX_RANK} sizes."
            )
        if not _are_sizes(entry["data_offsets"]) or len(entry["data_offsets"]) != 2:
            raise ValueError(
                f"{where} has 'data_offsets' {str(entry['data_offsets'])[:100]}; expected a begin and an end in bytes."
            )
        begin, end = entry["data_offsets"]
        if begin > end or end > size:
            raise ValueError(
                f"{where} lies at bytes {begin} to {end}, but the file holds {size} bytes of numbers: it is cut off "
                "or damaged."
            )
        needed = prod(entry["shape"]) * _TYPES[entry["dtype"]][1]
        if needed != end - begin:
            raise ValueError(
                f"{where} of shape {entry['shape']} needs {needed} bytes, but {end - begin} are given to it."
            )
        spans.append((begin, end, name))
    reached = 0
    for begin, end, name in sorted(spans):
        if begin != reached:
            raise ValueError(
                f"In {what} the tensor {name!r} begins at byte {begin}, expected {reached}: tensors overlap, or leave "
                "a gap."
            )
        reached = end
    if reached != size:
        raise ValueError(f"{what} holds {size} bytes of numbers, but its tensors take {reached}.")


def _are_sizes(values):
    return isinstance(values, list) and all(type(value) is int and value >= 0 for value in values)


class MappedTensor(StoredTensor):
    """A tensor in a file that is mapped into memory; pages that were read are given back at once."""

    def __init__(self, mapped: Any, name: str, entry: Any, start: Any) -> None:
        self._mapped = mapped
        self._stored = _TYPES[entry["dtype"]][0]
        self._begin, self._end = (start + offset for offset in entry["data_offsets"])
        self.shape: tuple[Any, ...] = tuple(entry["shape"])
        self.dtype: str = self._stored
        self.kind: Any = entry["dtype"]
        self.itemsize: int = _TYPES[entry["dtype"]][1]
        self.where = name

    def _view(self):
        return np.ndarray(self.shape, np.dtype(self._stored).newbyteorder("<"), buffer=self._mapped, offset=self._begin)

    def read(self) -> Any:
        view = self._view() if self._end > self._begin else np.empty(self.shape, self._stored)
        values = np.array(view, dtype=self._stored)
        self._release()
        return values

    def parts(self, count: int) -> Iterator[Any]:
        """The values in order as flat NumPy arrays of at most `count` numbers."""
        stored = np.dtype(self._stored).newbyteorder("<")
        for begin in range(self._begin, self._end, count * self.itemsize):
            size = min(count, (self._end - begin) // self.itemsize)
            values = np.array(np.ndarray((size,), stored, buffer=self._mapped, offset=begin))
            self._release(begin, begin + size * self.itemsize)
            yield values

    def read_into(self, array: TensorLike) -> bool:
        flat, done = array.reshape(-1), 0
        for part in self.parts(_BLOCK):
            flat[done : done + part.size] = part
            done += part.size
        return True

    def _release(self, begin=None, end=None):
        """Let the system take back the pages between two bytes.

        A file that was read is not kept in memory beside the variables.
        """
        begin, end = self._begin if begin is None else begin, self._end if end is None else end
        if hasattr(self._mapped, "madvise") and hasattr(mmap, "MADV_DONTNEED") and end > begin:
            start = begin - begin % mmap.PAGESIZE
            self._mapped.madvise(mmap.MADV_DONTNEED, start, end - start)
