"""CuPy kernels that join rows to rows of a table: `scatter_nd_combine`, and what `indexing.py` adds up."""

from __future__ import annotations

import math
from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy import sources
from kerasish.backend.cupy.indices import places
from kerasish.backend.cupy.kernels import kernel

_JOINS = {
    "add": "((a) + (b))",
    "mul": "((a) * (b))",
    "max": "((a) != (a) ? (a) : ((b) > (a) || (b) != (b)) ? (b) : (a))",
    "min": "((a) != (a) ? (a) : ((b) < (a) || (b) != (b)) ? (b) : (a))",
}
_WIDE = {"b": np.int32, "i": np.int32, "u": np.uint32}


def join_rows(table: Any, rows: Any, values: Any, mode: str) -> None:
    """table[rows[i]] = join(table[rows[i]], values[i]) for a contiguous `table` (n, width) and `values` (m, width).

    Where many meet in one row they are joined in no fixed order, so sums of floats may differ in the last bits from run
    to run. `rows` are int64 within 0 ... n - 1.
    """
    if not values.size or not table.size:
        return
    dtype = table.dtype
    if dtype.itemsize < 4:  # no card exchanges so few bits at a time
        wide = table.astype(_WIDE[dtype.kind])
        join_rows(wide, rows, values.astype(wide.dtype), "max" if dtype.kind == "b" and mode == "add" else mode)
        cupy.copyto(table, wide, casting="unsafe")
        return
    if dtype.kind == "c":
        for half, others in ((table.real, values.real), (table.imag, values.imag)):
            plain = half.copy()
            join_rows(plain, rows, others, mode)
            half[...] = plain
        return
    values = values if values.flags.c_contiguous else values.copy()
    words = {
        "T": sources.type_in_c(dtype),
        "BITS": "unsigned int" if dtype.itemsize == 4 else "unsigned long long",
        "JOIN(a,b)": _JOINS[mode],
    }
    run = sources.function("scatter", "join_rows", **words)
    sources.launch(run, values.size, table, rows, values, table.shape[1])


@kernel("scatter_nd_combine")
def scatter_nd_combine(out: Any, x: Any, indices: Any, updates: Any, mode: str) -> None:
    depth = indices.shape[-1]
    inner = math.prod(x.shape[depth:])
    target = x.copy()
    rows = row_numbers(indices, x.shape[:depth])
    join_rows(target.reshape(-1, inner), rows, updates.reshape(rows.size, inner), mode)
    cupy.copyto(out, target)


def row_numbers(indices: Any, shape: Any) -> Any:
    """The row that each index vector (its last axis) names, where axes of sizes `shape` count as one; a vector."""
    rows = None
    for axis, size in enumerate(shape):
        along = places(indices[..., axis], size, axis)
        rows = along if rows is None else cupy.add(cupy.multiply(rows, size), along)
    if rows is None:
        rows = cupy.empty(indices.shape[:-1], np.int64)
        rows.fill(0)
    return rows.reshape(-1)
