"""Sums of rows of equal index, in one order that follows from the indices alone: equal bits in every run."""

from __future__ import annotations

import math
from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy import sources
from kerasish.backend.cupy.indices import note, places
from kerasish.backend.cupy.row_moves import INDICES

_FEW = 2048  # indices that each may be compared with all others
_TILE = 2048  # keys that a block sorts
_THREADS = 256
_LANES = 32


def add_equal(out: Any, g: Any, indices: Any, size: int, to_table: bool) -> None:
    """The sums of the rows of `g` (n, width) that have equal indices.

    Args:
        out: array, contiguous: (n, width), a row of each index; or (size, width), a table, of which the rows that are
            named are written. indices: n, within -size ... size - 1.
    """
    if out.dtype.kind == "c":
        real = np.dtype(f"float{out.dtype.itemsize * 4}")
        out, g = out.view(real), _lying(g).view(real)
    g, indices = _lying(g), _plain(indices, size)
    count, width = g.shape
    words = {"T": sources.type_in_c(g.dtype), "A": "double" if g.dtype.kind == "f" else "long long"}

    def kernel(name):
        return sources.function("sums", name, **words)

    if count <= _FEW:
        lanes = count * -(-width // _LANES) * _LANES
        given = out, g, indices, note(), indices.itemsize, size, width, int(to_table), count
        sources.launch(kernel("sum_few"), lanes, *given)
        return
    keys = _sorted_keys(indices, size, words)
    chunk = max(64, math.isqrt(count))
    running = cupy.empty(g.shape, g.dtype)
    sources.launch(kernel("run_sums"), -(-count // chunk) * width, running, g, keys, count, width, chunk)
    sources.launch(kernel("total_sums"), count * width, out, running, keys, count, width, chunk, int(to_table))


def first_of_equal(out: Any, indices: Any, size: int) -> None:
    """Whether none of the `indices` before names the same row; `out` (bool) is contiguous."""
    words = {"T": "float", "A": "double"}
    indices = _plain(indices, size)
    if indices.size <= _FEW:
        run = sources.function("sums", "first_few", **words)
        sources.launch(run, indices.size, out, indices, note(), indices.itemsize, size)
        return
    run = sources.function("sums", "first_keys", **words)
    sources.launch(run, indices.size, out, _sorted_keys(indices, size, words))


def _sorted_keys(indices, size, words):
    """(row, number of the index) of each as one int64, in order."""
    count = indices.size
    keys, other = (cupy.empty((count,), np.int64) for _ in range(2))
    run = sources.function("sums", "sort_keys", **words)
    given = keys, indices, note(), *map(np.int64, (indices.itemsize, size, count))
    run((-(-count // _TILE), 1, 1), (_THREADS, 1, 1), given)
    length, run = _TILE, sources.function("sums", "merge_keys", **words)
    while length < count:
        sources.launch(run, count, other, keys, length)
        keys, other, length = other, keys, 2 * length
    return keys


def _plain(indices, size):
    """Indices of a type that the kernels read, one behind the other."""
    return _lying(indices if indices.dtype.name in INDICES else places(indices, size, 0)).reshape(-1)


def _lying(x):
    return x if x.flags.c_contiguous else x.copy()
