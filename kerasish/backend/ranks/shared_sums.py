"""Sums of ranks of one machine, in memory that all of them see: each adds up a part, and nobody sends anything.

MPI's sums cost the processor as much as four copies of what is summed up, which ranks that compute on all cores have
not to spare; here they cost two, and one part of a sum.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from kerasish.backend.ranks.places import place
from kerasish.typing import AnyTensor

LEAST = 1 << 18  # bytes that are worth two meetings
_MOST = 1 << 24  # bytes that each rank lays down at once
_OF_ALL = 1 << 28
_BLOCK = 1 << 15  # numbers added up at a time, so that they stay in the cache
_NUMBERS = ("float32", "float64")


class SharedSums:
    """What ranks of one machine lay down for one another, in two halves that are used in turns.

    Who lays something down in a half a second time has met all others since it was read: they have been in the other
    half meanwhile.

    Args:
        memories: list of the memory of each rank, in their order; all are as large.
        rank: int, which of them is this one's.
    """

    def __init__(self, memories: list[mmap.mmap], rank: int) -> None:
        self._memories, self._rank = memories, rank
        self._half = len(memories[0]) // 2
        self._turn = 0

    @classmethod
    def joined(cls, rank: int, size: int, gather: Callable[[Any], list[Any]]) -> SharedSums | None:
        """Those of all ranks, which call this together; None where they don't see one another's memory.

        Args:
            rank: int, which rank this is.
            size: int, how many there are.
            gather: function of a value that gives those of all ranks, in their order.
        """
        bytes_each = 2 * min(_MOST, _OF_ALL // size // 2 // mmap.PAGESIZE * mmap.PAGESIZE)
        own = _made(bytes_each)
        said = gather(None if own is None else (place(), os.getpid(), own))
        memories = None
        if None not in said and len({where for where, _, _ in said}) == 1:
            with suppress(OSError, ValueError):
                memories = [_seen(f"/proc/{pid}/fd/{number}", bytes_each) for _, pid, number in said]
        is_whole = all(gather(memories is not None))
        if own is not None:
            os.close(own)  # who sees it keeps it: it is gone with the last of them
        return cls(memories, rank) if memories is not None and is_whole else None

    def takes(self, array: AnyTensor) -> bool:
        """Whether an array is worth it, and of numbers that are summed up here."""
        return array.nbytes >= LEAST and array.dtype.name in _NUMBERS

    def sum(self, flat: AnyTensor, meet: Callable[[], None]) -> None:
        """Put the sum over all ranks in the place of each rank's array; all get the same bits.

        Args:
            flat: array of one axis, as long on every rank.
            meet: function that returns when all ranks have called it.
        """
        room = self._half // flat.itemsize
        for at in range(0, flat.size, room):
            self._sum(flat[at : at + room], meet)

    def _sum(self, piece, meet):
        begin, self._turn = self._turn * self._half, 1 - self._turn
        laid = [np.frombuffer(memory, piece.dtype, piece.size, begin) for memory in self._memories]
        each = -(-piece.size // len(laid))
        parts = [slice(at * each, (at + 1) * each) for at in range(len(laid))]
        own, others = parts[self._rank], [part for part in parts if part != parts[self._rank]]
        for part in others:
            np.copyto(laid[self._rank][part], piece[part])
        meet()
        self._add_up([piece[own] if at == self._rank else other[own] for at, other in enumerate(laid)], laid, own)
        meet()
        for part, other in zip(parts, laid):
            np.copyto(piece[part], other[part])

    def _add_up(self, addends, laid, own):
        """The sum of a part, for all to see."""
        total = laid[self._rank][own]
        for at in range(0, total.size, _BLOCK):
            block = slice(at, at + _BLOCK)
            np.add(addends[0][block], addends[1][block], out=total[block])
            for other in addends[2:]:
                np.add(total[block], other[block], out=total[block])


def _made(size):
    """A file without a name, of which memory is taken as it is written; None where the system has none."""
    try:
        number = os.memfd_create("kerasish sums")
        os.ftruncate(number, size)
    except (AttributeError, OSError):
        return None
    return number


def _seen(path, size):
    number = os.open(path, os.O_RDWR)
    try:
        return mmap.mmap(number, size)
    finally:
        os.close(number)
