"""NumPy kernels of `primitives/indexing.py`.

Indices become flat positions of a contiguous array, so that reading is one `np.take` and adding one `np.add.at` on vectors, for which NumPy
has a fast loop (1.7 ns an element; on arrays of rows it takes 10).
"""

import math

import numpy as np

from kerasish.backend.numpy.kernels import kernel

_BLOCK = 16384  # flat positions are made in blocks that stay in the cache


def _check(indices, size, axis):
    """Raise IndexError where an index is outside of -size ... size - 1. Afterwards `mode="wrap"` reads negative ones rightly."""
    if indices.size:
        low, high = indices.min(), indices.max()
        if low < -size or high >= size:
            worst = int(high) if high >= size else int(low)
            raise IndexError(f"Index {worst} is out of range for axis {axis} of size {size}: indices must lie in {-size} ... {size - 1}.")


def _positions(indices, size, axis):
    """Checked indices as non-negative `intp`."""
    _check(indices, size, axis)
    positions = np.array(indices, np.intp)
    if indices.dtype.kind == "i":
        positions += (indices < 0) * size
    return positions


@kernel("take")
def take(out, x, indices, axis):
    indices = np.asarray(indices)
    _check(indices, x.shape[axis], axis)
    if out.size:
        np.take(x, indices, axis=axis, out=out, mode="wrap")  # "raise" would buffer `out`


@kernel("take_gradient")
def take_gradient(out, g, indices, axis, size):
    indices = np.asarray(indices)
    positions = _positions(indices, size, axis).reshape(-1)
    inner = math.prod(out.shape[axis + 1 :])
    outer = math.prod(out.shape[:axis])
    target = out if out.flags.c_contiguous else np.empty(out.shape, out.dtype)
    target.fill(0)
    if g.size:
        rows, found = target.reshape(outer, size, inner), np.reshape(g, (outer, positions.size, inner))
        for i in range(outer):
            _add_rows(rows[i], positions, found[i])
    if target is not out:
        np.copyto(out, target)


def _add_rows(target, positions, rows):
    """target[positions] += rows, for a contiguous `target` (n, width); rows at the same position add up."""
    width = target.shape[1]
    flat = target.reshape(-1)
    if width == 1:
        np.add.at(flat, positions, np.ascontiguousarray(rows).reshape(-1))
        return
    if width >= 2048:  # so wide that a Python loop over the rows costs less than positions for every element
        for position, row in zip(positions.tolist(), rows):
            line = target[position]
            np.add(line, row, out=line)
        return
    step = max(1, _BLOCK // width)
    columns = np.arange(width)
    scratch = np.empty((min(step, len(positions)), width), np.intp)
    for start in range(0, len(positions), step):
        part = positions[start : start + step]
        places = np.add((part * width)[:, None], columns, out=scratch[: len(part)])
        np.add.at(flat, places.reshape(-1), np.ascontiguousarray(rows[start : start + step]).reshape(-1))


def _along(indices, shape, axis):
    """The flat position in an array of `shape` of each element that `indices` names along `axis`."""
    inner = math.prod(shape[axis + 1 :])
    positions = _positions(indices, shape[axis], axis)
    positions *= inner
    if inner > 1:
        positions += np.arange(inner).reshape(shape[axis + 1 :])
    outer = math.prod(shape[:axis])
    if outer > 1:
        stride = shape[axis] * inner
        positions += np.arange(0, outer * stride, stride).reshape(*shape[:axis], *[1] * (len(shape) - axis))
    return positions


@kernel("take_along_axis")
def take_along_axis(out, x, indices, axis):
    indices = np.asarray(indices)
    axis %= x.ndim
    positions = _along(indices, x.shape, axis)
    if out.size:
        np.take(np.ravel(x), positions, out=out, mode="wrap")


@kernel("put_along_axis_add")
def put_along_axis_add(out, g, indices, axis, size):
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
        rows += _positions(indices[..., axis], size, axis)
    return rows


@kernel("gather_nd")
def gather_nd(out, x, indices):
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
def scatter_nd_add(out, x, indices, updates):
    _scattered(out, x, indices, updates, _add_rows)


def _put_rows(target, rows, updates):
    target[rows] = updates


@kernel("scatter_update")
def scatter_update(out, x, indices, updates):
    _scattered(out, x, indices, updates, _put_rows)


@kernel("searchsorted")
def searchsorted(out, sequence, values, side="left"):
    np.copyto(out, np.searchsorted(sequence, values, side=side), casting="unsafe")
