"""Device memory of the stand-in: blocks of host memory, a pool that keeps what was freed, pinned memory."""

import bisect
import contextlib
import threading
import weakref

import numpy as np

from tests.cupy_standin import streams
from tests.cupy_standin.order import Marks

_ROUND = 512
GARBAGE = 77  # memory that nobody has written must not pass for zeros


class OutOfMemoryError(MemoryError):
    """As `cupy.cuda.memory.OutOfMemoryError`."""

    def __init__(self, size, total, limit=0):
        message = f"Out of memory allocating {size:,} bytes (allocated so far: {total:,} bytes"
        super().__init__(message + (f", limit set to: {limit:,} bytes)." if limit else ")."))


class Block:
    """A run of bytes on one card."""

    def __init__(self, size, device):
        self.bytes = np.empty(size + 256, np.uint8)
        start = -self.bytes.ctypes.data % 256
        self.bytes = self.bytes[start : start + size]
        _spoil(self)
        self.address = self.bytes.ctypes.data
        self.size, self.device, self.marks = size, device, Marks()
        _Addresses.add(self)


def _spoil(block):
    """Nobody may take for numbers what a block holds. Where nothing is computed nobody does: memory is not touched."""
    if not streams.is_counting():
        block.bytes.fill(GARBAGE)


class _Addresses:
    """Which block an address lies in."""

    starts, blocks = [], {}

    @classmethod
    def add(cls, block):
        """Once; and again where a block that had gone with a circle of garbage came back to its pool from there."""
        known = cls.blocks.get(block.address)
        if known is not None and known() is block:
            return
        bisect.insort(cls.starts, block.address)
        cls.blocks[block.address] = weakref.ref(block)
        weakref.finalize(block, cls._remove, block.address)

    @classmethod
    def _remove(cls, address):
        place = bisect.bisect_left(cls.starts, address)
        if place < len(cls.starts) and cls.starts[place] == address:
            del cls.starts[place]
        cls.blocks.pop(address, None)

    @classmethod
    def block(cls, address):
        place = bisect.bisect_right(cls.starts, address) - 1
        block = cls.blocks[cls.starts[place]]() if place >= 0 else None
        if block is None or not block.address <= address < block.address + block.size:
            raise RuntimeError(f"cudaErrorIllegalAddress: {address:#x} is no address of device memory.")
        return block


block_at = _Addresses.block


class PooledMemory:
    """A block that goes back to its pool when nobody holds it any more."""

    def __init__(self, block, pool, stream):
        self.block, self._pool, self._stream = block, pool, stream
        self.ptr, self.size, self.device_id = block.address, block.size, block.device

    def __del__(self):
        self._pool._give_back(self.block, self._stream)


class MemoryPointer:
    """As `cupy.cuda.MemoryPointer`."""

    def __init__(self, mem, offset):
        self.mem, self.ptr = mem, mem.ptr + offset

    def __add__(self, offset):
        return MemoryPointer(self.mem, self.ptr - self.mem.ptr + offset)


class MemoryPool:
    """As `cupy.cuda.MemoryPool`: what a stream freed, that stream may have again."""

    def __init__(self):
        self._free, self._limit, self._total, self._used = {}, 0, 0, 0
        self._lock = threading.RLock()

    def malloc(self, size):
        size = max(_ROUND, -(-size // _ROUND) * _ROUND)
        stream, device = streams.current(), streams.device_id()
        with self._lock:
            kept = self._free.get((device, stream.key, size))
            if kept:
                block = kept.pop()
                _Addresses.add(block)
                if not stream.is_capturing():
                    _spoil(block)
            else:
                streams.refuse_malloc()
                if self._limit and self._total + size > self._limit:
                    self.free_all_blocks()
                    if self._total + size > self._limit:
                        raise OutOfMemoryError(size, self._total, self._limit)
                block = Block(size, device)
                self._total += size
            self._used += size
        return MemoryPointer(PooledMemory(block, self, stream.key), 0)

    def _give_back(self, block, stream):
        with self._lock:
            self._used -= block.size
            self._free.setdefault((block.device, stream, block.size), []).append(block)

    def free_all_blocks(self, stream=None):
        with self._lock:
            for key in [key for key in self._free if stream is None or key[1] == stream.key]:
                self._total -= sum(block.size for block in self._free.pop(key))

    def set_limit(self, size=None, fraction=None):
        self._limit = size or 0

    def get_limit(self):
        return self._limit

    def used_bytes(self):
        return self._used

    def total_bytes(self):
        return self._total


_default = MemoryPool()
_local = threading.local()


def get_default_memory_pool():
    return _default


def alloc(size):
    return getattr(_local, "allocator", _default.malloc)(size)


@contextlib.contextmanager
def using_allocator(allocator=None):
    before = getattr(_local, "allocator", _default.malloc)
    _local.allocator = allocator or _default.malloc
    try:
        yield
    finally:
        _local.allocator = before


def alloc_pinned_memory(size):
    """A real bytearray's memory, which `numpy.frombuffer` takes on every Python."""
    memory = _Pinned(max(1, size))
    PINNED.append(weakref.ref(memory))
    return memory


class _Pinned(bytearray):
    """Weakly referable."""

    __slots__ = ("__weakref__",)
    __hash__ = object.__hash__


PINNED = []


def is_pinned(array):
    """Whether a host array lies in page-locked memory."""
    address = array.ctypes.data
    for reference in PINNED:
        memory = reference()
        if memory is not None:
            start = np.frombuffer(memory, np.uint8).ctypes.data
            if start <= address < start + len(memory):
                return True
    return False
