"""Memory of one rank that the others read and write without asking it: one-sided MPI."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.ranks.world import World


class Board:
    """Numbers of each rank, open to all.

    Every rank makes it, in the same order as its other calls; after that each reads and writes when it likes. What is
    read while somebody writes may be partly old: a number is whole, an array is not.

    Args:
        world: World.
        count: int, how many numbers this rank shows; may differ from rank to rank.
        dtype: string, of the numbers, the same on every rank.

    Attributes:
        own: array of this rank's numbers; `refresh` first where others write.
    """

    def __init__(self, world: World, count: int, dtype: str) -> None:
        self._mpi, kind = world._mpi, np.dtype(dtype)
        self._window = self._mpi.Win.Allocate(count * kind.itemsize, kind.itemsize, comm=world._comm)
        self.own: Any = np.frombuffer(self._window.tomemory(), kind, count) if count else np.zeros(0, kind)
        self.own[...] = 0
        self._window.Lock_all()
        self._window.Sync()
        world.barrier()

    def refresh(self) -> Any:
        """This rank's numbers as the others have left them."""
        self._window.Sync()
        return self.own

    def read(self, rank: int, start: int, count: int) -> Any:
        """A copy of `count` numbers of a rank."""
        found = np.empty(count, self.own.dtype)
        self._window.Get(found, rank, (start, count))
        self._window.Flush(rank)
        return found

    def write(self, rank: int, start: int, numbers: Any) -> None:
        """Write numbers to a rank; they are there when it returns."""
        numbers = np.ascontiguousarray(numbers, self.own.dtype).reshape(-1)
        self._window.Put(numbers, rank, (start, numbers.size))
        self._window.Flush(rank)

    def close(self) -> None:
        """End it; every rank does so."""
        self._window.Unlock_all()
        self.own = None
        self._window.Free()
