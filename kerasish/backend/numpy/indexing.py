"""NumPy kernels of `primitives/indexing.py`.

Indices become flat positions of a contiguous array, so that reading is one `np.take` and adding one `np.add.at` on
vectors, for which NumPy has a fast loop (1.7 ns an element; on arrays of rows it takes 10).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import kernel
from kerasish.backend.numpy.workspace import scratch
from kerasish.backend.primitives.indexing import out_of_range
from kerasish.typing import Axis, IntOrInts, TensorLike

_UNSIGNED = {width: np.dtype(f"u{width}") for width in (1, 2, 4, 8)}
_BLOCK = 16384  # flat positions are made in blocks that stay in the cache


def check_range(indices: TensorLike, size: IntOrInts, axis: Axis) -> None:
    """Raise IndexError where an index is outside of -size ... size - 1.

    Afterwards `mode="wrap"` reads negative ones rightly.
    """
    kind, width = indices.dtype.kind, indices.dtype.itemsize
    # what is negative is huge without its sign: of indices as they mostly are, one look at the largest says all
    if indices.size and not (kind == "i" and np.maximum.reduce(indices.view(_UNSIGNED[width]), None) < size):
        low, high = indices.min(), indices.max()
        if low < -size or high >= size:
            raise out_of_range(int(high) if high >= size else int(low), size, axis)


def checked_positions(indices: TensorLike, size: IntOrInts, axis: Axis) -> Any:
    """Checked indices as non-negative `intp`."""
    check_range(indices, size, axis)
    positions = np.array(indices, np.intp)
    if indices.dtype.kind == "i":
        positions += (indices < 0) * size
    return positions


@kernel("take")
def take(out: Any, x: TensorLike, indices: TensorLike, axis: Axis) -> None:
    indices = np.asarray(indices)
    check_range(indices, x.shape[axis], axis)
    if out.size:
        np.take(x, indices, axis=axis, out=out, mode="wrap")  # "raise" would buffer `out`


@kernel("take_gradient")
def take_gradient(out: Any, g: TensorLike, indices: TensorLike, axis: Axis, size: IntOrInts) -> None:
    indices = np.asarray(indices)
    positions = checked_positions(indices, size, axis).reshape(-1)
    inner = math.prod(out.shape[axis + 1 :])
    outer = math.prod(out.shape[:axis])
    target = out if out.flags.c_contiguous else np.empty(out.shape, out.dtype)
    target.fill(0)
    if g.size:
        rows, found = target.reshape(outer, size, inner), np.reshape(g, (outer, positions.size, inner))
        for i in range(outer):
            if positions.size <= size:
                _fill_rows(rows[i], positions, found[i])
            else:
                _add_rows(rows[i], positions, found[i])
    if target is not out:
        np.copyto(out, target)


def _meetings(positions, size):
    """For each of `positions` (below `size`) which is the first that equals it, and which of them are not the first."""
    order = np.arange(len(positions))
    first_at = scratch(size, np.intp)
    first_at[positions[::-1]] = order[::-1]  # assigned in order, so that the first of equal positions stays
    first = first_at[positions]
    return first, np.flatnonzero(first != order)


def _blocks(count, width):
    """Slices of so many rows that their elements stay in the cache."""
    step = max(1, _BLOCK // max(1, width))
    return [slice(start, start + step) for start in range(0, count, step)]


def sum_equal(out: Any, positions: Any, rows: Any, size: IntOrInts) -> None:
    """Set out[i] to the sum of those of `rows` (n, width) whose position is that of row i.

    Positions are below `size`; rows are added in their order.
    """
    first, later = _meetings(positions, size)
    firsts = first[later]
    np.add(rows, rows.dtype.type(0), out=out)  # as a sum that starts at 0 has it: -0.0 becomes 0.0
    _add_rows(out, firsts, rows, later)
    for block in _blocks(len(later), out.shape[1]):
        out[later[block]] = out[firsts[block]]


def _fill_rows(target, positions, rows):
    """As `_add_rows`, for zeros as `target` and positions few of which are equal: writing is cheaper than adding."""
    first, later = _meetings(positions, len(target))
    firsts = np.flatnonzero(first == np.arange(len(first)))
    for block in _blocks(len(firsts), target.shape[1]):
        chosen = firsts[block]
        target[positions[chosen]] = rows[chosen] + rows.dtype.type(0)
    _add_rows(target, positions[later], rows, later)


def _add_rows(target, positions, rows, chosen=None):
    """target[positions] += rows, for a contiguous `target` (n, width); rows at the same position add up.

    `chosen`: which of `rows`, if not all.
    """
    width = target.shape[1]
    flat = target.reshape(-1)
    if width == 1:
        np.add.at(flat, positions, np.ascontiguousarray(rows if chosen is None else rows[chosen]).reshape(-1))
        return
    if width >= 2048:  # so wide that a Python loop over the rows costs less than positions for every element
        for position, which in zip(positions.tolist(), range(len(positions)) if chosen is None else chosen.tolist()):
            line = target[position]
            np.add(line, rows[which], out=line)
        return
    columns = np.arange(width)
    places = None
    for block in _blocks(len(positions), width):
        part = positions[block]
        if places is None or len(places) != len(part):
            places = np.empty((len(part), width), np.intp)
        np.add((part * width)[:, None], columns, out=places)
        taken = rows[block] if chosen is None else rows[chosen[block]]
        np.add.at(flat, places.reshape(-1), np.ascontiguousarray(taken).reshape(-1))


def _along(indices, shape, axis):
    """The flat position in an array of `shape` of each element that `indices` names along `axis`."""
    inner = math.prod(shape[axis + 1 :])
    positions = checked_positions(indices, shape[axis], axis)
    positions *= inner
    if inner > 1:
        positions += np.arange(inner).reshape(shape[axis + 1 :])
    outer = math.prod(shape[:axis])
    if outer > 1:
        stride = shape[axis] * inner
        positions += np.arange(0, outer * stride, stride).reshape(*shape[:axis], *[1] * (len(shape) - axis))
    return positions


@kernel("take_along_axis")
def take_along_axis(out: Any, x: TensorLike, indices: TensorLike, axis: Axis) -> None:
    indices = np.asarray(indices)
    axis %= x.ndim
    positions = _along(indices, x.shape, axis)
    if out.size:
        np.take(np.ravel(x), positions, out=out, mode="wrap")


@kernel("put_along_axis_add")
def put_along_axis_add(out: Any, g: TensorLike, indices: TensorLike, axis: Axis, size: IntOrInts) -> None:
    positions = _along(np.asarray(indices), out.shape, axis % out.ndim)
    target = out if out.flags.c_contiguous else np.empty(out.shape, out.dtype)
    target.fill(0)
    np.add.at(target.reshape(-1), positions.reshape(-1), np.ravel(g))
    if target is not out:
        np.copyto(out, target)


def _rows(indices, shape):
    """The row that each index vector (its last axis) names, where the leading axes of sizes `shape` count as one."""
    rows = np.zeros(indices.shape[:-1], np.intp)
    for axis, size in enumerate(shape):
        rows *= size
        rows += checked_positions(indices[..., axis], size, axis)
    return rows


@kernel("gather_nd")
def gather_nd(out: Any, x: TensorLike, indices: TensorLike) -> None:
    indices = np.asarray(indices)
    depth = indices.shape[-1]
    rows = _rows(indices, x.shape[:depth])
    if out.size:
        np.take(np.reshape(x, (math.prod(x.shape[:depth]), *x.shape[depth:])), rows, axis=0, out=out, mode="wrap")


def _scattered(out, x, indices, updates, write):
    """Copy `x` to `out`, then `write(rows of out, which rows, the updates as rows)`."""
    indices = np.asarray(indices)
    depth = indices.shape[-1]
    rows = _rows(indices, x.shape[:depth]).reshape(-1)
    inner = math.prod(x.shape[depth:])
    target = out if out.flags.c_contiguous else np.empty(out.shape, out.dtype)
    np.copyto(target, x)
    if out.size and rows.size:
        write(target.reshape(-1, inner), rows, np.reshape(updates, (rows.size, inner)))
    if target is not out:
        np.copyto(out, target)


@kernel("scatter_nd_add")
def scatter_nd_add(out: Any, x: TensorLike, indices: TensorLike, updates: Any) -> None:
    _scattered(out, x, indices, updates, _add_rows)


def _put_rows(target, rows, updates):
    target[rows] = updates


@kernel("scatter_update")
def scatter_update(out: Any, x: TensorLike, indices: TensorLike, updates: Any) -> None:
    _scattered(out, x, indices, updates, _put_rows)


@kernel("searchsorted")
def searchsorted(out: Any, sequence: Any, values: TensorLike, side: str = "left") -> None:
    np.copyto(out, np.searchsorted(sequence, values, side=side), casting="unsafe")
