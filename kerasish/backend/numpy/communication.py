"""NumPy kernels of `primitives/communication.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend import ranks
from kerasish.backend.numpy.kernels import kernel
from kerasish.backend.primitives.communication import bucket_starts, gathered_starts, own_rows


def _in_one_piece(out):
    """`out`, or an array to be copied there, which messages can be written to."""
    return out if out.flags.c_contiguous else np.empty(out.shape, out.dtype)


def _put(out, made):
    if made is not out:
        np.copyto(out, made)


@kernel("all_reduce")
def all_reduce(out: Any, x: Any, op: str = "sum", shares: Sequence[int] | None = None) -> None:
    world, made = ranks.world(), _in_one_piece(out)
    _put(made, x)
    if world is not None:
        world.all_reduce(made.view("uint8") if made.dtype == bool else made, op)
    _put(out, made)


@kernel("all_gather")
def all_gather(out: Any, x: Any, rows: Sequence[int], rank: int) -> None:
    world, made = ranks.world(), _in_one_piece(out)
    if world is None:
        _put(made, x)
    else:
        world.all_gather(np.ascontiguousarray(x), made, rows)
    _put(out, made)


@kernel("reduce_scatter")
def reduce_scatter(out: Any, x: Any, rows: Sequence[int], rank: int) -> None:
    world, made = ranks.world(), _in_one_piece(out)
    if world is None:
        _put(made, x)
    else:
        world.reduce_scatter(np.ascontiguousarray(x), made, rows)
    _put(out, made)


class _Prepared:
    """A kernel of which `prepare`, of what the kernel is given, makes a function without arguments."""

    def __call__(self, out: Any, *xs: Any, **attributes: Any) -> None:
        self.prepare(out, *xs, **attributes)()


class _Packing(_Prepared):
    """A kernel that makes a bucket: what was not made in its part of it is copied there.

    Args:
        then: function of the bucket and the attributes, for what comes behind.
    """

    def __init__(self, then: Callable[..., None]) -> None:
        self._then = then

    def prepare(self, out: Any, *xs: Any, **attributes: Any) -> Any:
        """A function without arguments for these arrays."""
        copies, between = [], np.ones(out.shape, bool)
        for x, start in zip(xs, bucket_starts([x.shape for x in xs], out.dtype.name)):
            part = out[start : start + x.size]
            between[start : start + x.size] = False
            if not np.may_share_memory(part, x):
                copies.append((part.reshape(x.shape), x))
        return partial(self._pack, out, copies, np.flatnonzero(between), attributes)

    def _pack(self, out, copies, between, attributes):
        for part, x in copies:
            np.copyto(part, x)
        out[between] = 0
        self._then(out, **attributes)


def _begin(bucket, turn):
    world = ranks.world()
    if world is not None:
        world.background.start(bucket)


kernel("reduce_start")(_Packing(_begin))


@kernel("reduce_wait")
def reduce_wait(out: Any, x: Any, turn: int) -> None:
    world = ranks.world()
    if world is not None:
        world.background.wait(x)
    _put(out, x)


# -- in memory that all ranks of a machine see -------------------------------------------------------------------------

_ADDED_WHILE_READ = 2  # ranks: of more it costs less to add up a part each, and to read the sums


def addends() -> int | None:
    """As how many addends ranks see a sum; None where it goes by messages."""
    world = ranks.world()
    if world is None or world.common is None:
        return None
    return world.size if world.size <= _ADDED_WHILE_READ else 1


@kernel("meet")
def meet(out: Any) -> None:
    world = ranks.world()
    if world is not None:
        world.barrier()
    out[...] = 0


def _in_common(lies):
    """A function of a node, for one of a node and of the World: None in a process that is alone."""

    def found(node):
        world = ranks.world()
        return None if world is None else lies(node, world)

    return found


class _Publishing(_Packing):
    """The kernel of `publish`: nothing comes behind."""

    def __init__(self) -> None:
        super().__init__(lambda bucket, begin: None)

    def prepare(self, out: Any, free: Any, *xs: Any, **attributes: Any) -> Any:
        return super().prepare(out, *xs, **attributes)

    @staticmethod
    @_in_common
    def seen_by_ranks(node: Any, world: Any) -> list[Any]:
        """Where this rank makes the bucket."""
        bucket = node.outputs[0]
        return [world.common.own(world.rank, node.attributes["begin"], bucket.shape, bucket.dtype)]


class _Seen(_Prepared):
    """The kernel of `seen`."""

    @staticmethod
    def prepare(outs: Any, bucket: Any, begin: int, count: int) -> Any:
        """A function without arguments for these arrays."""
        world = ranks.world()
        return (
            partial(np.copyto, outs[0], bucket) if world is None else partial(_see, bucket, begin, count, world.common)
        )

    @staticmethod
    @_in_common
    def seen_by_ranks(node: Any, world: Any) -> list[Any]:
        """Where each rank makes its bucket, or where all find the sums."""
        bucket, begin, common = node.inputs[0], node.attributes["begin"], world.common
        if node.attributes["count"] == 1:
            return [common.sums(begin, bucket.shape, bucket.dtype)]
        return [common.own(rank, begin, bucket.shape, bucket.dtype) for rank in range(node.attributes["count"])]


class _Gathered(_Prepared):
    """The kernel of `gathered`."""

    @staticmethod
    def prepare(outs: Any, free: Any, *xs: Any, begin: int, rows: Sequence[int], rank: int) -> Any:
        """A function without arguments for these arrays."""
        world, own = ranks.world(), own_rows(rows, rank)
        pairs = [(out[own], x) for out, x in zip(outs, xs)]
        return partial(_gather, pairs, sum(out.nbytes for out in outs), None if world is None else world.common)

    @staticmethod
    @_in_common
    def seen_by_ranks(node: Any, world: Any) -> list[Any]:
        """Where all find what is gathered."""
        begin, starts = node.attributes["begin"], gathered_starts(node.outputs)
        return [world.common.sums(begin + at, out.shape, out.dtype) for at, out in zip(starts, node.outputs)]


def _gather(pairs, size, common):
    for out, x in pairs:
        np.copyto(out, x)
    if common is not None:
        _world_with(common, size).barrier()


def _see(bucket, begin, count, common):
    world = _world_with(common, bucket.nbytes)
    if count == 1:
        common.sum(begin, bucket.shape, bucket.dtype.name, world.barrier)
    else:
        world.barrier()


def _world_with(common, size):
    """The World, which is about to exchange so many bytes in that memory."""
    world = ranks.world()
    if world.common is not common:
        raise ranks.RankFault(
            "This step was compiled before ranks were lost, for memory of all of them: trace it again."
        )
    world.bytes += size
    return world


kernel("gathered")(_Gathered())
kernel("publish")(_Publishing())
kernel("seen")(_Seen())
