"""A World: the ranks that train together, and the calls that all of them make in the same order."""

from __future__ import annotations

import pickle
import time
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from kerasish.backend.ranks.background import Background
from kerasish.backend.ranks.faults import RankLost, finish, raise_as_fault
from kerasish.typing import AnyTensor

if TYPE_CHECKING:
    from kerasish.backend.ranks.watch import Watch

_PIECE = 1 << 28  # elements or bytes of one message: MPI counts in 31 bits
_JOINS = {"sum": "SUM", "max": "MAX", "min": "MIN"}


class World:
    """All ranks, as one of them sees them.

    Every call is made by all ranks, in the same order; it returns when its part is done here. Arrays are host arrays
    that lie in one piece, in numbers that MPI knows: not in half precision.

    Args:
        mpi: the module `mpi4py.MPI`.
        comm: the communicator, which nobody else uses.
        watch: the Watch that ends ranks which hang; None waits for ever.
        generation: int, how often ranks were lost or joined before.

    Attributes:
        rank: int, which of them this process is, from 0.
        size: int, how many there are.
        watch, generation: as given.
        bytes: int, how many have been summed and gathered so far.
        messages: int, how many calls of all ranks the thread that computes has made; waited: seconds of those that it
            waited for at once. `background` counts others.
        common: the CommonMemory of all ranks, or None where they are not on one machine.
        background: a Background, which sums arrays while this process computes.

    Example:
        >>> from kerasish.backend import ranks
        >>> world = ranks.start()  # under `mpiexec -n 2`  # doctest: +SKIP
        >>> world.gather(world.rank)  # doctest: +SKIP
        [0, 1]
    """

    def __init__(self, mpi: Any, comm: Any, watch: Watch | None = None, generation: int = 0) -> None:
        self._mpi, self._comm = mpi, comm
        self.rank: int = comm.Get_rank()
        self.size: int = comm.Get_size()
        self.watch, self.generation = watch, generation
        self.bytes, self.messages, self.waited = 0, 0, 0.0
        self._beside = comm.Dup()  # what the thread of the messages says does not meet what is said here
        self.background = Background(partial(self._reduce, self._beside, op="sum"))
        if watch is not None:
            watch.follow(self.rank, self.gather)
        self.common = self._joined_memory()

    def __repr__(self) -> str:
        return f"<World: rank {self.rank} of {self.size}>"

    def _joined_memory(self):
        if self.size == 1:
            return None
        from kerasish.backend.ranks.common_memory import CommonMemory  # start-up time: a process alone needs none of it

        return CommonMemory.joined(self.rank, self.size, self.gather)

    def _finish(self, begin, what, is_beside=False):
        before = time.perf_counter()
        finish(self._mpi, self._beside if is_beside else self._comm, begin, what, self.watch)
        if not is_beside:
            self.messages, self.waited = self.messages + 1, self.waited + time.perf_counter() - before

    # -- arrays -------------------------------------------------------------------------------------------------

    def all_reduce(self, array: AnyTensor, op: str = "sum") -> None:
        """Put the sum (or "max", "min") over all ranks in the place of each rank's array; all get the same bits."""
        self._reduce(self._comm, array, op)

    def _reduce(self, comm, array, op):
        self.bytes += array.nbytes
        flat, operation, is_beside = array.reshape(-1), getattr(self._mpi, _JOINS[op]), comm is self._beside
        for at in range(0, max(1, flat.size), _PIECE):
            piece = flat[at : at + _PIECE]
            self._finish(partial(comm.Iallreduce, self._mpi.IN_PLACE, piece, operation), "all_reduce", is_beside)

    def all_gather(self, array: AnyTensor, out: AnyTensor, rows: Sequence[int]) -> None:
        """Put the rows of all ranks, in the order of the ranks, into `out`.

        Args:
            array: this rank's rows.
            out: array of as many rows as all have.
            rows: how many each rank has.
        """
        self.bytes += out.nbytes
        row = self._mpi.BYTE.Create_contiguous(out.dtype.itemsize * (out.size // max(1, len(out)))).Commit()
        given, taken = [_bytes(array), len(array), row], [_bytes(out), (list(rows), _starts(rows)), row]
        try:
            self._finish(lambda: self._comm.Iallgatherv(given, taken), "all_gather")
        finally:
            row.Free()

    def reduce_scatter(self, array: AnyTensor, out: AnyTensor, rows: Sequence[int]) -> None:
        """Put this rank's part of the sum over all ranks into `out`.

        Each rank sends every other one its rows, and adds up what came: a message goes one way. MPI's own call sums up
        on one rank and sends from there.

        Args:
            array: as many rows as all have, of the same shape on every rank.
            out: array of this rank's rows.
            rows: how many rows each rank gets.
        """
        import numpy as np  # start-up time: a process alone needs none of it

        self.bytes += array.nbytes
        width = array.size // max(1, len(array))
        counts, own = [width * count for count in rows], out.size
        came = np.empty((self.size, own), array.dtype)
        given = [array.reshape(-1), (counts, _starts(counts))]
        taken = [came.reshape(-1), ([own] * self.size, _starts([own] * self.size))]
        self._finish(lambda: self._comm.Ialltoallv(given, taken), "reduce_scatter")
        np.add.reduce(came, axis=0, out=out.reshape(-1))

    # -- faults -------------------------------------------------------------------------------------------------

    def shrunk(self) -> World:
        """The World of those that are left, when a rank has died. Every call that others still make here ends."""
        for comm in (self._comm, self._beside):
            comm.Revoke()
        self.background.stop()
        comm, generation = self._comm, self.generation
        with nullcontext() if self.watch is None else self.watch.inside("recover"):
            while True:
                try:
                    comm, generation = comm.Shrink(), generation + 1
                    return World(self._mpi, comm, self.watch, generation)
                except self._mpi.Exception as error:
                    with suppress(RankLost):
                        raise_as_fault(self._mpi, comm, error, "recover")
                except RankLost:
                    pass
                comm.Revoke()  # one more, meanwhile: those that have this World already shrink it, too

    def outlives_all(self, patience: float) -> bool:
        """Whether this is the first rank of those that are left, and all others are gone within so many seconds."""
        until = time.monotonic() + patience
        while True:
            with suppress(self._mpi.Exception):
                self._comm.Iprobe(self._mpi.ANY_SOURCE, self._mpi.ANY_TAG)  # MPI hears of the dead where it is asked
            lost = self._comm.Get_failed()
            gone = {*self._mpi.Group.Translate_ranks(lost, None, self._comm.Get_group())}
            if len(gone) == self.size - 1:
                return True
            if self.rank > min({*range(self.size)} - gone) or time.monotonic() > until:
                return False
            time.sleep(0.005)

    # -- anything that pickles ----------------------------------------------------------------------------------

    def broadcast(self, value: Any, root: int = 0) -> Any:
        """What rank `root` was given, on every rank."""
        sent = pickle.dumps(value, pickle.HIGHEST_PROTOCOL) if self.rank == root else b""
        size = bytearray(len(sent).to_bytes(8, "little"))
        self._finish(lambda: self._comm.Ibcast(size, root), "broadcast")
        if self.rank != root:
            sent = bytearray(int.from_bytes(size, "little"))
        for at in range(0, len(sent), _PIECE):
            piece = memoryview(sent)[at : at + _PIECE]
            self._finish(partial(self._comm.Ibcast, [piece, self._mpi.BYTE], root), "broadcast")
        return value if self.rank == root else pickle.loads(sent)

    def gather(self, value: Any) -> list[Any]:
        """What every rank was given, in their order; each gets the whole list."""
        return self.all_to_all([value] * self.size)

    def all_to_all(self, values: Sequence[Any]) -> list[Any]:
        """A value for each rank goes there; returns what came from each rank, in their order."""
        if len(values) != self.size:
            raise ValueError(f"`values` must have one value for each of {self.size} ranks, got {len(values)}.")
        sent = [pickle.dumps(value, pickle.HIGHEST_PROTOCOL) for value in values]
        sizes = bytearray(b"".join(len(one).to_bytes(8, "little") for one in sent))
        come = bytearray(len(sizes))
        word = self._mpi.INT64_T
        self._finish(lambda: self._comm.Ialltoall([sizes, 1, word], [come, 1, word]), "all_to_all")
        lengths = [int.from_bytes(come[at : at + 8], "little") for at in range(0, len(come), 8)]
        received, byte = bytearray(sum(lengths)), self._mpi.BYTE
        given, taken = (
            [b"".join(sent), ([*map(len, sent)], _starts(map(len, sent))), byte],
            [received, (lengths, _starts(lengths)), byte],
        )
        self._finish(lambda: self._comm.Ialltoallv(given, taken), "all_to_all")
        return [pickle.loads(received[at : at + size]) for at, size in zip(_starts(lengths), lengths)]

    def barrier(self) -> None:
        """Wait until every rank has come here."""
        self._finish(self._comm.Ibarrier, "barrier")


def _bytes(array):
    return array.reshape(-1).view("uint8")


def _starts(sizes):
    starts = [0]
    for size in sizes:
        starts.append(starts[-1] + size)
    return starts[:-1]
