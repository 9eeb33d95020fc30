"""Arrays joined along an axis by one launch, however many they are."""

from __future__ import annotations

import math
from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy import sources
from kerasish.backend.cupy.row_moves import word_of
from kerasish.backend.fused import axes

_THREADS = 256


class Join:
    """`concatenate` bound to arrays. Called, it is launched.

    Attributes:
        moved: int, bytes of memory that it reads and writes.

    Args:
        out: array. lines: int, how many lines there are. parts: list of (array, bytes of a line of it, bytes from each
            line to the next).
    """

    def __init__(self, out: Any, lines: int, parts: list[tuple[Any, int, int]]) -> None:
        ends = np.cumsum([0, *(run for _, run, _ in parts)]).tolist()
        sizes = [size for x, run, stride in parts for size in (x.data.ptr, run, stride)]
        word = word_of(out.data.ptr, *ends, *sizes)
        rows = [
            (x.data.ptr, run // word, stride // word, start // word) for (x, run, stride), start in zip(parts, ends)
        ]
        self._parts = cupy.asarray(np.array(rows, np.int64))
        self._arguments = out, self._parts, *map(np.int64, (lines, ends[-1] // word, word))
        self._grid = -(-lines * max(run for _, run, _ in parts) // (word * _THREADS)), len(parts), 1
        self._keep, self.moved = parts, 2 * out.nbytes

    def __call__(self) -> None:
        sources.function("moves", "join_parts")(self._grid, (_THREADS, 1, 1), self._arguments)


def joined(out: Any, inputs: Any, axis: int) -> Join | None:
    """The Join of arrays along `axis`; None where one is enough, or one does not lie in lines."""
    axis %= out.ndim
    parts = [(x, math.prod(x.shape[axis:]) * x.itemsize, _between(x, axis)) for x in inputs if x.size]
    if len(parts) < 2 or not out.flags.c_contiguous or any(stride is None for *_, stride in parts):
        return None
    return Join(out, math.prod(out.shape[:axis]), [(x, run, stride) for x, run, stride in parts])


def _between(x, axis):
    """Bytes from each line (the axes from `axis` on) to the next; None where they do not lie so."""
    _, (outer,) = axes.joined(x.shape[:axis], [x.strides[:axis]])
    _, (inner,) = axes.joined(x.shape[axis:], [x.strides[axis:]])
    if inner not in ([], [x.itemsize]) or len(outer) > 1 or min(outer, default=0) < 0:
        return None
    return sum(outer)
