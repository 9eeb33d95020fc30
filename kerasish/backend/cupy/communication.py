"""CuPy kernels of `primitives/communication.py`: NCCL between cards, which MPI introduces to one another.

None has run on cards yet (docs/gpu.md).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import cupy

from kerasish.backend import ranks
from kerasish.backend.cupy.kernels import kernel
from kerasish.backend.primitives.communication import bucket_starts, own_rows
from kerasish.optional import needed

_DTYPES = {
    "bool": "NCCL_UINT8",
    "int8": "NCCL_INT8",
    "uint8": "NCCL_UINT8",
    "int32": "NCCL_INT32",
    "uint32": "NCCL_UINT32",
    "int64": "NCCL_INT64",
    "uint64": "NCCL_UINT64",
    "float16": "NCCL_FLOAT16",
    "float32": "NCCL_FLOAT32",
    "float64": "NCCL_FLOAT64",
}


@kernel("all_reduce")
def all_reduce(out: Any, x: Any, op: str = "sum", shares: Sequence[int] | None = None) -> None:
    if ranks.world() is None:
        cupy.copyto(out, x)
        return
    cards, x, made = _Cards.now(), _in_one_piece(x), _in_one_piece(out)
    cards.ring.allReduce(x.data.ptr, made.data.ptr, x.size, cards.dtype(x), cards.join(op), _stream())
    _put(out, made)


@kernel("all_gather")
def all_gather(out: Any, x: Any, rows: Sequence[int], rank: int) -> None:
    """A broadcast from each rank, in one group: ranks may have different numbers of rows."""
    if ranks.world() is None:
        cupy.copyto(out, x)
        return
    cards, x, made = _Cards.now(), _in_one_piece(x), _in_one_piece(out)
    cards.nccl.groupStart()
    for root in range(len(rows)):
        part = made[own_rows(rows, root)].view("uint8")
        source = x if root == rank else part
        cards.ring.broadcast(source.data.ptr, part.data.ptr, part.size, cards.nccl.NCCL_UINT8, root, _stream())
    cards.nccl.groupEnd()
    _put(out, made)


@kernel("reduce_scatter")
def reduce_scatter(out: Any, x: Any, rows: Sequence[int], rank: int) -> None:
    """A reduction to each rank, in one group."""
    if ranks.world() is None:
        cupy.copyto(out, x)
        return
    cards, x, made = _Cards.now(), _in_one_piece(x), _in_one_piece(out)
    cards.nccl.groupStart()
    for root in range(len(rows)):
        part = x[own_rows(rows, root)]
        cards.ring.reduce(part.data.ptr, made.data.ptr, part.size, cards.dtype(x), cards.join("sum"), root, _stream())
    cards.nccl.groupEnd()
    _put(out, made)


@kernel("reduce_start")
def reduce_start(out: Any, *xs: Any, turn: int) -> None:
    """The stream of the messages goes on beside that of the computation."""
    _pack(out, xs)
    if ranks.world() is not None:
        cards = _Cards.now()
        cards.begin()
        cards.ring.allReduce(
            out.data.ptr, out.data.ptr, out.size, cards.dtype(out), cards.join("sum"), cards.beside.ptr
        )
        cards.sent[turn] = cards.beside.record()


def _pack(bucket, xs):
    """Put what was not made in its part of the bucket there, and zeros between."""
    starts = bucket_starts([x.shape for x in xs], bucket.dtype.name)
    for x, start, end in zip(xs, starts, starts[1:]):
        part = bucket[start : start + x.size]
        if part.data.ptr != x.data.ptr:
            cupy.copyto(part.reshape(x.shape), x)
        if start + x.size < end:
            bucket[start + x.size : end].fill(0)


@kernel("reduce_wait")
def reduce_wait(out: Any, x: Any, turn: int) -> None:
    if ranks.world() is not None:
        cupy.cuda.get_current_stream().wait_event(_Cards.now().sent.pop(turn))
    _put(out, x)


@kernel("meet")
def meet(out: Any) -> None:
    out.fill(0)


@kernel("publish")
def publish(out: Any, free: Any, *xs: Any, begin: int) -> None:
    """Cards don't see one another's memory: a step of several ranks has no such calls here."""
    _pack(out, xs)


@kernel("seen")
def seen(outs: Any, bucket: Any, begin: int, count: int) -> None:
    cupy.copyto(outs[0], bucket)


@kernel("gathered")
def gathered(outs: Any, free: Any, *xs: Any, begin: int, rows: Sequence[int], rank: int) -> None:
    for out, x in zip(outs, xs):
        cupy.copyto(out[own_rows(rows, rank)], x)


class _Cards:
    """The cards of all ranks.

    Attributes:
        nccl: the module `cupy.cuda.nccl`. ring: its communicator.
        beside: the stream of buckets. sent: dict from a bucket's turn to the event behind its sum.
    """

    def __init__(self, world):
        self.nccl = needed(
            "cupy.cuda.nccl", "Ranks on GPUs talk by NCCL, which this CuPy is without. Install `cupy-cuda13x[ctk]`."
        )
        made = world.broadcast(self.nccl.get_unique_id() if world.rank == 0 else None)
        self.ring = self.nccl.NcclCommunicator(world.size, made, world.rank)
        self.beside = cupy.cuda.Stream(non_blocking=True)
        self.sent: dict[int, Any] = {}

    def begin(self):
        """Let the stream of buckets wait for what is computed."""
        self.beside.wait_event(cupy.cuda.get_current_stream().record())

    @staticmethod
    def now():
        """Those of the World as it is."""
        return _cards(ranks.world(), cupy.cuda.Device().id)

    def dtype(self, array):
        """NCCL's number of an array's dtype. Raises TypeError where it has none."""
        name = array.dtype.name
        if name not in _DTYPES:
            raise TypeError(f"NCCL does not send {name}; it knows {', '.join(_DTYPES)}.")
        return getattr(self.nccl, _DTYPES[name])

    def join(self, op):
        """NCCL's number of an operation."""
        return getattr(self.nccl, f"NCCL_{op.upper()}")


@functools.lru_cache(maxsize=4)
def _cards(world, card):
    return _Cards(world)


def _stream():
    return cupy.cuda.get_current_stream().ptr


def _in_one_piece(array):
    return array if array.flags.c_contiguous else cupy.ascontiguousarray(array)


def _put(out, made):
    if made is not out:
        cupy.copyto(out, made)
