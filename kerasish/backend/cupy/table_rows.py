"""CuPy kernels of `primitives/table_rows.py`."""

from __future__ import annotations

import math
from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy import row_moves
from kerasish.backend.cupy.indices import places
from kerasish.backend.cupy.kernels import kernel
from kerasish.backend.cupy.row_sums import add_equal, first_of_equal


@kernel("sum_rows")
def sum_rows(out: Any, g: Any, indices: Any, size: Any) -> None:
    if not out.size:
        return
    width = math.prod(out.shape[indices.ndim :])
    target = out if out.flags.c_contiguous else cupy.empty(out.shape, out.dtype)
    add_equal(target.reshape(-1, width), g.reshape(-1, width), indices, size, to_table=False)
    if target is not out:
        cupy.copyto(out, target)


@kernel("first_rows")
def first_rows(out: Any, indices: Any, size: Any) -> None:
    if not out.size:
        return
    target = out if out.flags.c_contiguous else cupy.empty(out.shape, np.bool_)
    first_of_equal(target, indices, size)
    if target is not out:
        cupy.copyto(out, target)


@kernel("put_rows")
def put_rows(out: Any, x: Any, indices: Any, rows: Any) -> None:
    if out is not x:
        cupy.copyto(out, x)
    move = row_moves.put(out, rows, indices)
    if move is not None:
        move()
        return
    positions = places(indices, out.shape[0], 0).reshape(-1)
    out[positions] = rows.reshape(positions.size, *out.shape[1:])
