"""Tensors of a bundle that are not read yet: their shapes, dtypes and places are known and were checked."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from math import prod
from typing import Any, BinaryIO

import numpy as np

from kerasish.configs.limits import LIMITS
from kerasish.files import low_bits  # noqa: F401  (NumPy knows bfloat16 and float8 by name from here on)
from kerasish.files.tensorflow import slices
from kerasish.files.tensorflow.crc32c import PIECE, crc32c, crc32c_of, masked
from kerasish.files.tensorflow.wire import varint
from kerasish.files.weights_store import StoredTensor
from kerasish.typing import TensorLike

TEXT = 7
DTYPES = {  # number in types.proto: (name, bytes)
    1: ("float32", 4), 2: ("float64", 8), 3: ("int32", 4), 4: ("uint8", 1), 5: ("int16", 2), 6: ("int8", 1),
    8: ("complex64", 8), 9: ("int64", 8), 10: ("bool", 1), 14: ("bfloat16", 2), 17: ("uint16", 2),
    18: ("complex128", 16), 19: ("float16", 2), 22: ("uint32", 4), 23: ("uint64", 8), 24: ("float8_e5m2", 1),
    25: ("float8_e4m3fn", 1),
}  # fmt: skip


class _Tensor(StoredTensor):
    """What lies at one place of one file, with its checksum.

    Attributes:
        kind: int, the dtype by the number of TensorFlow's.
        file, offset, size: where its bytes lie.
    """

    def __init__(
        self,
        where: str,
        shape: tuple[int, ...],
        dtype: str,
        file: BinaryIO | None,
        offset: int,
        size: int,
        checksum: int,
        kind: int,
    ) -> None:
        self.where, self.shape, self.dtype = where, shape, dtype
        self.file, self.offset, self.size, self.kind = file, offset, size, kind
        self._checksum, self._checked = checksum, False

    def check(self) -> None:
        """Raise ValueError where the bytes are not those that were written."""
        if not self._checked:
            self._compare(crc32c_of(self._pieces(self.size % PIECE), self.size))

    def _compare(self, checksum):
        if masked(checksum) != self._checksum:
            raise ValueError(f"{self.where} is damaged: its numbers are not those that were saved (checksum).")
        self._checked = True

    def _pieces(self, first):
        """The bytes, `first` ones and then `PIECE` at a time."""
        assert self.file is not None
        self.file.seek(self.offset)
        left, count = self.size, first
        while left:
            piece = self.file.read(min(left, count))
            if len(piece) < min(left, count):
                raise ValueError(f"{self.where} is damaged: its file is cut off.")
            if piece:
                yield piece
            left, count = left - len(piece), PIECE

    def _bytes(self):
        return b"".join(self._pieces(self.size))


class BundleTensor(_Tensor):
    """Numbers."""

    @property
    def is_numeric(self) -> bool:
        """Whether they are numbers of a dtype that is known here; else `read` gives bytes."""
        return self.kind in DTYPES

    def read(self) -> Any:
        self.check()
        return _numbers(self._bytes(), self.dtype, self.shape)

    def read_into(self, array: TensorLike) -> bool:
        self.check()
        target = memoryview(array.reshape(-1).view("u1"))
        assert self.file is not None
        self.file.seek(self.offset)
        if self.file.readinto(target) != self.size:
            raise ValueError(f"{self.where} is damaged: its file is cut off.")
        return True


class SlicedTensor(StoredTensor):
    """Numbers that were kept in parts, each a tensor of its own."""

    is_numeric, file = True, None

    def __init__(self, where: str, shape: tuple[int, ...], parts: Sequence[Any], kind: int) -> None:
        self.where, self.shape, self.kind, self._parts = where, shape, kind, parts
        if kind not in DTYPES:
            raise ValueError(f"{where} is in parts, which only numbers can be.")
        self.dtype, itemsize = DTYPES[kind]
        self.size = prod(shape) * itemsize

    def check(self) -> None:
        """Raise ValueError where a part can't be read."""
        for _, part in self._parts:
            part.check()

    def read(self) -> Any:
        whole = None
        for extents, part in self._parts:
            values = part.read()
            if whole is None:
                whole = np.empty(self.shape, values.dtype)
            whole[slices.place_of(extents)] = values
        return _numbers(b"", self.dtype, self.shape) if whole is None else whole


def _numbers(data, dtype, shape):
    return np.frombuffer(data, "u1").view(dtype).reshape(shape)


class TextTensor(_Tensor):
    """Texts: their lengths, a checksum of these, and the texts one behind the other."""

    is_numeric = False

    def __init__(
        self, where: str, shape: tuple[int, ...], file: BinaryIO, offset: int, size: int, checksum: int
    ) -> None:
        super().__init__(where, shape, "string", file, offset, size, checksum, TEXT)
        if prod(shape) > min(size, LIMITS.numbers):
            raise ValueError(f"{where} is damaged: {size} bytes are no texts of shape {shape}.")

    def check(self) -> None:
        """Raise ValueError where the bytes are not those that were written."""
        self.texts()

    def texts(self) -> list[bytes]:
        """The texts in order."""
        data, place, lengths = self._bytes(), 0, []
        for _ in range(prod(self.shape)):
            length, place = varint(data, place, len(data))
            lengths.append(length)
        if place + 4 + sum(lengths) != len(data):
            raise ValueError(f"{self.where} is damaged: its texts are of other lengths than it says.")
        as_kept = b"".join(struct.pack("<I" if length >> 32 == 0 else "<Q", length) for length in lengths)
        if masked(crc32c(as_kept)) != struct.unpack_from("<I", data, place)[0]:
            raise ValueError(f"{self.where} is damaged: the checksum of its lengths is wrong.")
        self._compare(crc32c(as_kept + data[place:]))
        return list(_cut(data, place + 4, lengths))

    def read(self) -> Any:
        texts = np.empty(prod(self.shape), object)
        texts[:] = self.texts()
        return texts.reshape(self.shape)


def _cut(data, place, lengths) -> Iterator[bytes]:
    for length in lengths:
        yield data[place : place + length]
        place += length
