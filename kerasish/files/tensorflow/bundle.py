"""The tensor bundle: `NAME.index`, a table of what is kept, and `NAME.data-00000-of-00001`, ..., the bare numbers.

SavedModels and checkpoints of TensorFlow since 0.12 keep their variables so.

Reference:
    tensorflow/core/protobuf/tensor_bundle.proto and tensorflow/core/util/tensor_bundle.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from math import prod
from typing import Any

from kerasish.configs.limits import LIMITS, allowing, claim
from kerasish.files.tensorflow import slices
from kerasish.files.tensorflow.stored_tensor import DTYPES, TEXT, BundleTensor, SlicedTensor, TextTensor
from kerasish.files.tensorflow.table import entries
from kerasish.files.tensorflow.wire import Message, signed
from kerasish.whole_files import reading

INDEX = ".index"
_SHARDS = 100_000  # files beside an index, at most


class Bundle(Mapping):
    """The tensors of an open bundle by name: each a StoredTensor, checked for its place, its numbers not read yet.

    Attributes:
        path: string, the path without ".index".
        size: bytes of all files together.
    """

    def __init__(self, path: str, stack: ExitStack) -> None:
        self.path: str = path
        self._stack, self._files = stack, {}
        index = _whole_file(path + INDEX, stack)
        self.size: int = len(index)
        self._tensors, parts = {}, {}
        rows = entries(index, repr(path + INDEX))
        self._shards = self._count_of_shards(next(rows, (None, b"")))
        for key, value in rows:
            (parts if key[:1] == b"\0" else self._tensors)[key] = Message(value, self._described(key))
        plain = {key: self._tensor(key, entry) for key, entry in parts.items()}
        self._tensors = {
            _name(key): self._sliced(key, entry, plain) if 7 in entry else self._tensor(key, entry)
            for key, entry in self._tensors.items()
        }
        self._refuse_overlaps([*plain.values(), *self._tensors.values()])

    def __getitem__(self, name: str) -> Any:
        return self._tensors[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)

    def _described(self, key):
        return f"The entry {_name(key)!r} of {self.path + INDEX!r}"

    def _count_of_shards(self, row):
        key, value = row
        if key != b"":
            raise ValueError(f"{self.path + INDEX!r} is damaged: it lacks its head.")
        head = Message(value, f"The head of {self.path + INDEX!r}")
        if head.number(2):
            raise ValueError(
                f"{self.path!r} was written by a processor that puts the highest byte first. Save it again on another."
            )
        count = head.number(1)
        if not 0 < count <= _SHARDS:
            raise ValueError(f"{self.path + INDEX!r} is damaged: it speaks of {count} files of numbers.")
        return count

    def _tensor(self, key, entry):
        what = self._described(key)
        shape = _shape(entry.message(2), what)
        offset, size = entry.number(4), entry.number(5)
        file, there = self._shard(entry.number(3), what)
        if offset + size > there:
            raise ValueError(f"{what} is damaged, or its file is cut off: it ends beyond the file's {there} bytes.")
        kind = entry.number(1)
        place = (file, offset, size, entry.number(6))
        if kind == TEXT:
            return TextTensor(what, shape, *place)
        if kind not in DTYPES:
            return BundleTensor(what, (size,), "uint8", *place, kind)
        dtype, itemsize = DTYPES[kind]
        if prod(shape) * itemsize != size:
            raise ValueError(f"{what} is damaged: {size} bytes are no {dtype} numbers of shape {shape}.")
        return BundleTensor(what, shape, dtype, *place, kind)

    def _sliced(self, key, entry, plain):
        what = self._described(key)
        shape, kind = _shape(entry.message(2), what), entry.number(1)
        found = []
        for extents in entry.messages(7):
            if len(found) >= slices.MOST:
                raise ValueError(f"{what} is in more than {slices.MOST} parts; no more are read.")
            extent = slices.extents_of(extents, shape, what)
            part = plain.get(slices.key_of(key, extent))
            wanted = slices.shape_of(extent, shape)
            if part is None or part.kind != kind or tuple(part.shape) != wanted:
                raise ValueError(f"{what} is damaged: its part {extent} of shape {wanted} is not there.")
            found.append((extent, part))
        slices.check_cover([extent for extent, _ in found], shape, what)
        return SlicedTensor(what, shape, found, kind)

    def _shard(self, number, what):
        if number not in self._files:
            if number >= self._shards:
                raise ValueError(f"{what} is damaged: it speaks of file {number} of {self._shards}.")
            path = f"{self.path}.data-{number:05}-of-{self._shards:05}"
            file = _opened(path, self._stack)
            self._files[number] = file, os.fstat(file.fileno()).st_size
            self.size += self._files[number][1]
        return self._files[number]

    def _refuse_overlaps(self, tensors):
        """Refuse one byte for two tensors: a small file could stand for more numbers than it has."""
        places = sorted((id(t.file), t.offset, t.size, t.where) for t in tensors if t.file is not None and t.size)
        for (file, offset, size, where), (next_file, next_offset, _, other) in zip(places, places[1:]):
            if file == next_file and offset + size > next_offset:
                raise ValueError(f"{where} and {other} overlap: the file is damaged.")


@contextmanager
def opened(path: str, builds_model: bool = False) -> Iterator[Bundle]:
    """A Bundle for the time of the block, its places and sizes checked.

    Args:
        path: string, the path without ".index".
        builds_model: whether a model is made from a config meanwhile; its variables may then ask for about ten times
            the file's numbers in memory, no more.

    Raises:
        ValueError: that names the file, for one that is missing, damaged, or a link.
    """
    with reading(repr(path)), ExitStack() as stack:
        bundle = Bundle(path, stack)
        with allowing(claim(bundle.size, bundle.size) if builds_model else None, repr(path)):
            yield bundle


def is_bundle(path: str) -> bool:
    """Whether there is an index beside a path without an ending."""
    return os.path.isfile(path + INDEX)


def _opened(path, stack):
    if os.path.islink(path):
        raise ValueError(f"{path!r} is a link: it is refused. Put the file itself into its place.")
    if not os.path.isfile(path):
        raise ValueError(f"File not found: {path!r}, a part of the checkpoint.")
    return stack.enter_context(open(path, "rb"))


def _whole_file(path, stack):
    file = _opened(path, stack)
    size = os.fstat(file.fileno()).st_size
    if size > LIMITS.text:
        raise ValueError(f"{path!r} has {size} bytes; an index of at most {LIMITS.text} is read.")
    return file.read(size)


def _name(key):
    return key.decode("utf-8", "backslashreplace")


def _shape(message, what):
    if message.number(3):
        raise ValueError(f"{what} is damaged: it has no shape.")
    shape = tuple(signed(dim.number(1)) for dim in message.messages(2))
    if len(shape) > 64 or any(size < 0 for size in shape):
        raise ValueError(f"{what} is damaged: no array has the shape {shape[:64]}.")
    return shape
