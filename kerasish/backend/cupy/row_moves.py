"""Rows of a table to where indices name them, or back: a launch for one array, or for many that may move together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy import sources
from kerasish.backend.cupy.indices import note

_MOST = 16  # bytes that a thread moves
_THREADS = 256
INDICES = ("int32", "int64")


class Move:
    """`out[i] = table[indices[i]]`, or `table[indices[i]] = rows[i]`, bound to arrays. Called, it is launched.

    Attributes:
        arrays: tuple (where rows go, where they come from, indices). fields: tuple of ints, what the kernel is told
            beside them. count: int, words that are moved. moved: int, bytes of memory that it reads and writes.
    """

    def __init__(self, arrays: tuple[Any, Any, Any], size: int, row_bytes: int, put: bool) -> None:
        self.arrays = arrays
        target, source, indices = arrays
        word = word_of(row_bytes, target.data.ptr, source.data.ptr)
        self.fields = indices.itemsize, size, row_bytes // word, word, int(put)
        self.count: int = indices.size * (row_bytes // word)
        self.moved: int = indices.nbytes + 2 * indices.size * row_bytes

    def __call__(self) -> None:
        target, source, indices = self.arrays
        run = sources.function("moves", "move_rows")
        sources.launch(run, self.count, target, source, indices, note(), *self.fields)

    def must_follow(self, other: Move) -> bool:
        """Whether something that `other` writes is read or written here, or the other way round."""
        mine, theirs = map(_extent, self.arrays), list(map(_extent, other.arrays))
        written, *read = mine
        return any(map(written.meets, theirs)) or any(map(theirs[0].meets, read))


def word_of(*places: int) -> int:
    """How many bytes a thread moves at once: the most that all of these sizes and addresses are multiples of."""
    return min(_MOST, math.gcd(*places) & -math.gcd(*places))


class _Moves:
    """Many at once.

    Attributes:
        keep: list of the Moves. moved: as of one.
    """

    def __init__(self, moves: Sequence[Move]) -> None:
        self.keep, self.moved = list(moves), sum(move.moved for move in moves)
        rows = [(*(a.data.ptr for a in move.arrays), *move.fields, move.count) for move in moves]
        self._jobs, self._notes = cupy.asarray(np.array(rows, np.int64)), note()
        self._grid = -(-max(move.count for move in moves) // _THREADS), len(rows), 1

    def __call__(self) -> None:
        run = sources.function("moves", "move_many")
        run(self._grid, (_THREADS, 1, 1), (self._jobs, self._notes))


class _Extent:
    """From where to where an array lies."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def meets(self, other: _Extent) -> bool:
        return self.low < other.high and other.low < self.high


def _extent(array):
    return _Extent(array.data.ptr, array.data.ptr + array.nbytes)


def taken(out: Any, table: Any, indices: Any) -> Move | None:
    """The Move of `take` along the first axis; None for arrays that it is not made for."""
    return _move(out, table, indices, table, put=False)


def put(table: Any, rows: Any, indices: Any) -> Move | None:
    """The Move of `put_rows`, in place; None for arrays that it is not made for."""
    return _move(table, rows, indices, table, put=True)


def _move(target, source, indices, table, put):
    lies = all(array.flags.c_contiguous for array in (target, source, indices))
    if not lies or indices.dtype.name not in INDICES or target.dtype != source.dtype:
        return None
    row_bytes = math.prod(table.shape[1:]) * table.itemsize
    if not (indices.size and row_bytes and table.shape[0]):
        return None
    return Move((target, source, indices), table.shape[0], row_bytes, put)


def merged(steps: Sequence[Callable[[], Any]]) -> list[Callable[[], Any]]:
    """The steps of a Program with Moves that stand together, where none must follow another, as one launch."""
    done: list[Callable[[], Any]] = []
    waiting: list[Move] = []

    def flush():
        done.extend([_Moves(waiting)] if len(waiting) > 1 else waiting)
        waiting.clear()

    for step in steps:
        if not isinstance(step, Move):
            flush()
            done.append(step)
            continue
        if any(step.must_follow(other) for other in waiting):
            flush()
        waiting.append(step)
    flush()
    return done


def bound(name: str, out: Any, inputs: Any, attributes: dict[str, Any]) -> Move | None:
    """The Move that a primitive is on these arrays; None where it is none."""
    if name == "take" and attributes["axis"] % inputs[0].ndim == 0:
        return taken(out, *inputs)
    if name == "put_rows" and out is inputs[0]:
        return put(out, inputs[2], inputs[1])
    return None
