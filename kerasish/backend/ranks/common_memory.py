"""Memory that all ranks of one machine see: gradients are made there, and each rank adds up a part of them.

Nobody sends anything, and nothing is copied. MPI's own sums cost the processor as much as four copies of all.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import prod
from typing import Any

import numpy as np

from kerasish.backend.ranks.places import place
from kerasish.typing import AnyTensor, Shape

_BLOCK = 1 << 15  # numbers added up at a time, so that they stay in the cache
_LINE = 64  # bytes: two ranks never write to one line of the cache


class CommonMemory:
    """What the ranks of a machine write for one another: each has a file of its own, and one file is for the sums.

    Who writes sees to it that nobody reads any more what was there before: all meet in between.

    Args:
        own: list of the Files of gradients of all ranks, in their order.
        sums: the File of the sums.
        rank: int, which rank this is.
    """

    def __init__(self, own: Sequence[File], sums: File, rank: int) -> None:
        self._own, self._sums, self._rank = own, sums, rank

    @classmethod
    def joined(cls, rank: int, size: int, gather: Callable[[Any], list[Any]]) -> CommonMemory | None:
        """That of all ranks, which call this together; None where they don't see one another's memory.

        Args:
            rank: int, which rank this is.
            size: int, how many there are.
            gather: function of a value that gives those of all ranks, in their order.
        """
        made = [_made(), _made() if rank == 0 else None]
        said = gather(None if None in made[: 2 if rank == 0 else 1] else (place(), os.getpid(), made))
        files = None
        if None not in said and len({where for where, _, _ in said}) == 1:
            paths = [f"/proc/{pid}/fd/{numbers[0]}" for _, pid, numbers in said]
            paths.append(f"/proc/{said[0][1]}/fd/{said[0][2][1]}")
            with suppress(OSError):
                files = [File(path) for path in paths]
        is_whole = all(gather(files is not None))
        for number in made:
            if number is not None:
                os.close(number)  # who has opened it keeps it: it is gone with the last of them
        return cls(files[:-1], files[-1], rank) if files is not None and is_whole else None

    def own(self, rank: int, begin: int, shape: Shape, dtype: str) -> AnyTensor:
        """The array in which a rank makes what is summed up; `begin`: its first byte."""
        return self._own[rank].array(begin, shape, dtype)

    def sums(self, begin: int, shape: Shape, dtype: str) -> AnyTensor:
        """The array in which all find the sums of what begins there."""
        return self._sums.array(begin, shape, dtype)

    def sum(self, begin: int, shape: Shape, dtype: str, meet: Callable[[], None]) -> None:
        """Add up what each rank has made at `begin`, of one axis; all get the same bits, in `sums`.

        Args:
            begin: int, its first byte.
            shape, dtype: those of the array.
            meet: function that returns when all ranks have called it.
        """
        total = self.sums(begin, shape, dtype)
        part = self._part(total.size, _LINE // total.itemsize)
        meet()
        self._add_up([file.array(begin, shape, dtype)[part] for file in self._own], total[part])
        meet()

    def _part(self, count, line):
        each = -(-count // len(self._own) // line) * line
        return slice(self._rank * each, (self._rank + 1) * each)

    @staticmethod
    def _add_up(addends, total):
        for at in range(0, total.size, _BLOCK):
            block = slice(at, at + _BLOCK)
            np.add(addends[0][block], addends[1][block], out=total[block])
            for other in addends[2:]:
                np.add(total[block], other[block], out=total[block])


class File:
    """Memory that several processes see, as a file that grows.

    Args:
        path: string, where this process finds it.
    """

    def __init__(self, path: str) -> None:
        self._number = os.open(path, os.O_RDWR)
        self._memory: Any = b""

    def __del__(self) -> None:
        os.close(self._number)

    def array(self, begin: int, shape: Shape, dtype: str) -> AnyTensor:
        """An array of what begins at the byte `begin`. The memory is there, or MemoryError is raised."""
        count = prod(shape)
        end = begin + count * np.dtype(dtype).itemsize
        if end > len(self._memory):
            self._grow(end)
        return np.frombuffer(self._memory, dtype, count, begin).reshape(shape)

    def _grow(self, end):
        size = -(-end // mmap.PAGESIZE) * mmap.PAGESIZE
        try:
            if size > mmap.PAGESIZE * os.sysconf("SC_PHYS_PAGES"):  # Linux would look for them until nothing is left
                raise OSError(f"it has {mmap.PAGESIZE * os.sysconf('SC_PHYS_PAGES'):,}")
            os.posix_fallocate(self._number, 0, size)  # makes it no smaller, whoever else asks
        except OSError as error:
            raise MemoryError(f"No memory for {size:,} bytes that ranks of this machine share: {error}.") from error
        self._memory = mmap.mmap(self._number, size)


def _made():
    """The number of a file without a name; None where the system has none."""
    try:
        return os.memfd_create("kerasish sums")
    except (AttributeError, OSError):
        return None
