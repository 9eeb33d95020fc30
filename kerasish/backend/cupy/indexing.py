"""CuPy kernels of `primitives/indexing.py`."""

from __future__ import annotations

import math
from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy import row_moves
from kerasish.backend.cupy.float8 import as_bytes
from kerasish.backend.cupy.indices import places
from kerasish.backend.cupy.kernels import kernel
from kerasish.backend.cupy.row_sums import add_equal
from kerasish.backend.cupy.scatter import join_rows, row_numbers


def _zeros(shape, dtype):
    made = cupy.empty(shape, dtype)
    made.fill(0)
    return made


@kernel("take")
def take(out: Any, x: Any, indices: Any, axis: Any) -> None:
    if not out.size:
        return
    move = row_moves.taken(out, x, indices) if axis % x.ndim == 0 else None
    if move is not None:
        move()
        return
    cupy.copyto(as_bytes(out), cupy.take(as_bytes(x), places(indices, x.shape[axis], axis), axis=axis))


@kernel("take_gradient")
def take_gradient(out: Any, g: Any, indices: Any, axis: Any, size: Any) -> None:
    axis %= out.ndim
    inner, outer = math.prod(out.shape[axis + 1 :]), math.prod(out.shape[:axis])
    target = out if out.flags.c_contiguous else cupy.empty(out.shape, out.dtype)
    target.fill(0)
    if g.size and outer == 1:
        add_equal(target.reshape(size, inner), g.reshape(-1, inner), indices, size, to_table=True)
    elif g.size:
        first = cupy.multiply(cupy.arange(outer, dtype=np.int64), size).reshape(outer, 1)
        rows = cupy.add(first, places(indices, size, axis).reshape(1, -1)).reshape(-1)
        add_equal(target.reshape(outer * size, inner), g.reshape(-1, inner), rows, outer * size, to_table=True)
    if target is not out:
        cupy.copyto(out, target)


def _along(indices, shape, axis):
    """The flat position in an array of `shape` of each element that `indices` names along `axis`."""
    inner, outer = math.prod(shape[axis + 1 :]), math.prod(shape[:axis])
    positions = cupy.multiply(places(indices, shape[axis], axis), inner)
    if inner > 1:
        positions = cupy.add(positions, cupy.arange(inner, dtype=np.int64).reshape(shape[axis + 1 :]))
    if outer > 1:
        stride = shape[axis] * inner
        first = cupy.multiply(cupy.arange(outer, dtype=np.int64), stride)
        positions = cupy.add(positions, first.reshape(*shape[:axis], *[1] * (len(shape) - axis)))
    return positions


@kernel("take_along_axis")
def take_along_axis(out: Any, x: Any, indices: Any, axis: Any) -> None:
    if out.size:
        positions = _along(indices, x.shape, axis % x.ndim)
        cupy.copyto(as_bytes(out), cupy.take(as_bytes(x).reshape(-1), positions))


@kernel("put_along_axis_add")
def put_along_axis_add(out: Any, g: Any, indices: Any, axis: Any, size: Any) -> None:
    positions = _along(indices, out.shape, axis % out.ndim).reshape(-1)
    target = _zeros(out.shape, out.dtype)
    join_rows(target.reshape(-1, 1), positions, g.reshape(-1, 1), "add")
    cupy.copyto(out, target)


@kernel("gather_nd")
def gather_nd(out: Any, x: Any, indices: Any) -> None:
    depth = indices.shape[-1]
    if out.size:
        flat = as_bytes(x).reshape(math.prod(x.shape[:depth]), *x.shape[depth:])
        cupy.copyto(as_bytes(out), cupy.take(flat, row_numbers(indices, x.shape[:depth]), axis=0).reshape(out.shape))


def _scattered(out, x, indices, updates, write):
    """Copy `x`, `write(rows of the copy, which rows, the updates as rows)`, and put it into `out`."""
    depth = indices.shape[-1]
    rows, inner = row_numbers(indices, x.shape[:depth]), math.prod(x.shape[depth:])
    target = x.copy()
    if out.size and rows.size:
        write(target.reshape(-1, inner), rows, updates.reshape(rows.size, inner))
    cupy.copyto(out, target)


@kernel("scatter_nd_add")
def scatter_nd_add(out: Any, x: Any, indices: Any, updates: Any) -> None:
    _scattered(out, x, indices, updates, lambda table, rows, values: join_rows(table, rows, values, "add"))


@kernel("scatter_update")
def scatter_update(out: Any, x: Any, indices: Any, updates: Any) -> None:
    _scattered(out, x, indices, updates, _put)


def _put(table, rows, values):
    table[rows] = values


@kernel("searchsorted")
def searchsorted(out: Any, sequence: Any, values: Any, side: str = "left") -> None:
    cupy.copyto(out, cupy.searchsorted(sequence, values, side=side), casting="unsafe")
