"""Host arrays to the card and back.

What is large goes up through page-locked memory on a stream of its own, while the last step still runs: the stream of
the computation waits for it on the card, and the host only for the copy before the last one.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy import indices
from kerasish.backend.cupy.float8 import as_bytes as _plain
from kerasish.backend.cupy.memory import allocated

_LARGE = 1 << 16  # bytes: below, one plain copy is the quicker way
_LARGEST = 1 << 26  # bytes: above, pieces; what they go through stays, here and on the card
_TURNS = 2  # copies that may be on their way at a time
_local = threading.local()


def to_host(array: Any) -> np.ndarray[Any, Any]:
    """A NumPy array with a copy of the values; waits for the card."""
    host = _plain(array).get().view(array.dtype)
    indices.check()
    return host


def write(target: Any, value: Any) -> None:
    """Write a host array into array `target` of the same shape, converting the dtype."""
    host = np.ascontiguousarray(np.asarray(value).astype(target.dtype, copy=False)).reshape(target.shape)
    if not host.size:
        return
    if not target.flags.c_contiguous:
        made = cupy.empty(target.shape, target.dtype)
        write(made, host)
        cupy.copyto(_plain(target), _plain(made))
    elif host.nbytes < _LARGE:
        target.set(host)
    else:
        turns = _turns(cupy.cuda.Device().id)
        there, here = target.reshape(-1).view(np.uint8), host.reshape(-1).view(np.uint8)
        for start in range(0, host.nbytes, _LARGEST):
            piece = slice(start, start + _LARGEST)
            turns.next(len(here[piece])).carry(there[piece], here[piece])


def _turns(card):
    kept = _local.__dict__.setdefault("turns", {})
    if card not in kept:
        kept[card] = _Turns()
    return kept[card]


class _Turns:
    """The ways up of one thread and card, for each power of two of bytes."""

    def __init__(self):
        self._stream = cupy.cuda.Stream(non_blocking=True)
        self._ways, self._at = {}, {}

    def next(self, size):
        size = 1 << (size - 1).bit_length()
        ways = self._ways.setdefault(size, [])
        if len(ways) < _TURNS:
            ways.append(_Way(self._stream, size))
            return ways[-1]
        self._at[size] = (self._at.get(size, 0) + 1) % _TURNS
        return ways[self._at[size]]


class _Way:
    """Page-locked memory, its like on the card, and the events between them."""

    def __init__(self, stream, size):
        self._stream = stream
        self._pinned = np.frombuffer(cupy.cuda.alloc_pinned_memory(size), np.uint8, size)
        with stream:
            self._there = allocated(partial(cupy.empty, (size,), np.uint8))
        self._copied, self._taken = None, None

    def carry(self, target, host):
        """Copy the bytes `host` to `target`; returns when `host` may be written again."""
        if self._copied is not None:
            self._copied.synchronize()
        here = self._pinned[: host.nbytes]
        np.copyto(here, host)
        if self._taken is not None:
            self._stream.wait_event(self._taken)
        there = self._there[: host.nbytes]
        there.set(here, stream=self._stream)
        self._copied = self._stream.record()
        current = cupy.cuda.get_current_stream()
        current.wait_event(self._copied)
        cupy.copyto(target, there)
        self._taken = current.record()
