"""CuPy kernels of `primitives/table_rows.py`."""

from __future__ import annotations

import math
from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy.indices import places
from kerasish.backend.cupy.kernels import kernel
from kerasish.backend.cupy.scatter import join_rows


@kernel("sum_rows")
def sum_rows(out: Any, g: Any, indices: Any, size: Any) -> None:
    """The sum stands at the first place of each row in a table of the size, and is read from there by all."""
    if not out.size:
        return
    positions = places(indices, size, 0).reshape(-1)
    width = math.prod(out.shape[indices.ndim :])
    table = cupy.empty((size, width), out.dtype)
    table[positions] = np.asarray(0, out.dtype)[()]  # only the rows that are touched
    join_rows(table, positions, g.reshape(-1, width), "add")
    cupy.copyto(out, cupy.take(table, positions, axis=0).reshape(out.shape))


@kernel("first_rows")
def first_rows(out: Any, indices: Any, size: Any) -> None:
    """The lowest of the numbers of those that name a row stands there, and who finds its own is the first."""
    if not out.size:
        return
    positions = places(indices, size, 0).reshape(-1)
    numbers = cupy.arange(positions.size, dtype=np.int64)
    table = cupy.empty((size, 1), np.int64)
    table[positions] = np.int64(positions.size)
    join_rows(table, positions, numbers.reshape(-1, 1), "min")
    cupy.copyto(out, cupy.equal(cupy.take(table, positions), numbers).reshape(out.shape))


@kernel("put_rows")
def put_rows(out: Any, x: Any, indices: Any, rows: Any) -> None:
    if out is not x:
        cupy.copyto(out, x)
    positions = places(indices, out.shape[0], 0).reshape(-1)
    out[positions] = rows.reshape(positions.size, *out.shape[1:])
