"""What a Program is bound to while it is drawn for another process.

Arrays then lie in memory of the blueprint, so that every address among the arguments of a step is known for what it is;
kernels are noted, not compiled for this processor, and stand for themselves by an address that nobody may call.
"""

from __future__ import annotations

import bisect
import mmap
import threading
from typing import Any

import numpy as np

_CHUNK = 64 << 20  # bytes, of which only those that are written take memory
_LINE = 64
_KERNELS = 1 << 14
_local = threading.local()


class Region:
    """Memory of one array.

    Attributes:
        start: int, its address here. memory: array of bytes. is_words: whether it holds arguments of kernels, among
            which addresses may stand. is_state: whether it is a variable that is written.
    """

    __slots__ = ("start", "memory", "is_words", "is_state")

    def __init__(self, memory: np.ndarray[Any, Any], is_words: bool) -> None:
        self.start: int = memory.ctypes.data
        self.memory: np.ndarray[Any, Any] = memory
        self.is_words: bool = is_words
        self.is_state: bool = False


class Blueprint:
    """The memory and the kernels of what is drawn inside `with blueprint:`, on this thread.

    Args:
        target: the processor that it is for (`native/target.py`).
        workers: among how many the work of a step is shared at most.
        blas: dict from "sgemm" and "dgemm" to (C name, bits of its integers) of a library that is linked; empty: the
            product is kerasish's own.

    Attributes:
        regions: list of Regions, by their addresses once `find` was called. sources: list of what stands for each
            kernel: its Source, or the name of a C function.
    """

    def __init__(self, target: Any, workers: int = 1, blas: dict[str, tuple[str, int]] | None = None) -> None:
        self.target: Any = target
        self.workers: int = workers
        self.blas: dict[str, tuple[str, int]] = blas or {}
        self.regions: list[Region] = []
        self.sources: list[Any] = []
        self.complaints: np.ndarray[Any, Any] | None = None
        self._chunks: list[Any] = []
        self._left, self._at = 0, 0
        self._places = np.frombuffer(mmap.mmap(-1, _KERNELS * _LINE), np.uint8)  # no array can lie there
        self._known: dict[Any, int] = {}
        self._starts: list[int] = []

    def __enter__(self) -> Blueprint:
        self._outer = current()
        _local.drawn = self
        return self

    def __exit__(self, *error: Any) -> None:
        _local.drawn = self._outer

    # -- memory -------------------------------------------------------------------------------------------------------

    def empty(self, size: int, is_words: bool = False) -> np.ndarray[Any, Any]:
        """`size` bytes of zeros that begin at a multiple of 64."""
        whole = -(-size // _LINE) * _LINE + _LINE  # one past the end is still this array's
        if whole > self._left:
            self._chunks.append(np.frombuffer(mmap.mmap(-1, max(_CHUNK, whole)), np.uint8))
            self._left, self._at = len(self._chunks[-1]), 0
        memory = self._chunks[-1][self._at : self._at + whole]
        self._at += whole
        self._left -= whole
        self.regions.append(Region(memory, is_words))
        return memory[:size]

    def words(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """A copy of an int64 array of arguments."""
        kept = np.ndarray(values.shape, np.int64, self.empty(values.nbytes, True))
        kept[...] = values
        return kept

    def complaint(self) -> int:
        """The address of the number that steps set where they can't go on; 0 while all is well."""
        if self.complaints is None:
            self.complaints = np.ndarray((1,), np.int64, self.empty(8))
        return self.complaints.ctypes.data

    def region(self, address: int) -> Region | None:
        """The Region around an address, or None."""
        if len(self._starts) != len(self.regions):
            self.regions.sort(key=lambda region: region.start)
            self._starts = [region.start for region in self.regions]
        place = bisect.bisect_right(self._starts, address) - 1
        if place < 0:
            return None
        found = self.regions[place]
        return found if address < found.start + len(found.memory) else None

    # -- kernels ------------------------------------------------------------------------------------------------------

    def kernel(self, source: Any, key: Any) -> int:
        """What stands for the address of a kernel (or of a C function, by its name)."""
        if key not in self._known:
            if len(self.sources) == _KERNELS:
                raise ValueError(f"This model takes more than {_KERNELS} different kernels; export it in parts.")
            self._known[key] = len(self.sources)
            self.sources.append(source)
        return self._places.ctypes.data + self._known[key] * _LINE

    def number_of(self, key: Any) -> int:
        """The number of a kernel that was asked for."""
        return self._known[key]

    def kernel_at(self, address: int) -> int | None:
        """The number of the kernel for which an address stands, or None."""
        offset = address - self._places.ctypes.data
        return offset // _LINE if 0 <= offset < _KERNELS * _LINE else None


def current() -> Blueprint | None:
    """The Blueprint that this thread draws, or None."""
    return getattr(_local, "drawn", None)
