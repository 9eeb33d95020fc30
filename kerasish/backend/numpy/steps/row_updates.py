"""Sparse updates of a table, as steps of `native/row_updates.py`."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.numpy.indexing import check_range
from kerasish.backend.numpy.native import source
from kerasish.backend.numpy.native.step import NativeStep
from kerasish.backend.numpy.steps import cost, native_steps
from kerasish.backend.numpy.steps.copies import copy_steps
from kerasish.backend.numpy.steps.operands import copied
from kerasish.typing import IntOrInts, TensorLike

_INDICES = ("int32", "int64", "uint8", "uint16", "int8", "int16", "uint32")


def _are_plain(out, numbers, indices):
    fits = isinstance(indices, np.ndarray) and indices.dtype.name in _INDICES and out.dtype == numbers.dtype
    return fits and numbers.size and out.flags.c_contiguous


def _checked(steps, indices, size):
    """The indices as the kernels want them.

    That they are within range is a step of its own: native code can't raise.
    """
    indices = copied(steps, indices, indices.ndim)
    steps.append(partial(check_range, indices, size, 0))
    return indices


@native_steps("sum_rows")
def sum_rows(out: Any, g: TensorLike, indices: TensorLike, size: IntOrInts) -> list[Any] | None:
    """One worker does it: what the adding takes is less than a meeting of the team."""
    if not _are_plain(out, g, indices) or out.dtype.name not in ("float32", "float64"):
        return None
    steps = []
    g, indices = copied(steps, g, g.ndim), _checked(steps, indices, size)
    first = np.empty(size, np.int32)
    args = [
        out.ctypes.data,
        g.ctypes.data,
        indices.ctypes.data,
        indices.size,
        size,
        math.prod(out.shape[indices.ndim :]),
        first.ctypes.data,
    ]
    kinds = {"I": indices.dtype.name, "T": out.dtype.name, "ITEM": out.itemsize, "FIRST": "int32"}
    entry = source.address(source.from_file("row_updates", "sum_rows", **kinds))
    return [*steps, NativeStep(entry, args, [out, g, indices, first], 1, name="sum_rows")]


@native_steps("put_rows")
def put_rows(out: Any, x: TensorLike, indices: TensorLike, rows: Any) -> list[Any] | None:
    """The rest of the table is copied where `out` is not the table itself."""
    if not _are_plain(out, rows, indices) or x.dtype != out.dtype:
        return None
    steps = [] if x is out else copy_steps(out, x, "put_rows")
    if steps is None:
        return None
    rows, indices = copied(steps, rows, rows.ndim), _checked(steps, indices, out.shape[0])
    args = [out.ctypes.data, rows.ctypes.data, indices.ctypes.data, out.shape[0], out[0].nbytes]
    entry = source.address(source.from_file("row_updates", "put_rows", I=indices.dtype.name))
    workers = cost.workers(cost.copy(rows.nbytes) + 20 * indices.size, indices.size)
    return [*steps, NativeStep(entry, args, [out, rows, indices], indices.size, workers=workers, name="put_rows")]
