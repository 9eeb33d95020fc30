"""NumPy kernels of `primitives/table_rows.py`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kerasish.backend.numpy.indexing import checked_positions, sum_equal
from kerasish.backend.numpy.kernels import kernel
from kerasish.typing import IntOrInts, TensorLike


@kernel("sum_rows")
def sum_rows(out: Any, g: TensorLike, indices: TensorLike, size: IntOrInts) -> None:
    positions = checked_positions(np.asarray(indices), size, 0).reshape(-1)
    if not out.size:
        return
    width = math.prod(out.shape[np.ndim(indices) :])
    target = out if out.flags.c_contiguous else np.empty(out.shape, out.dtype)
    sum_equal(target.reshape(-1, width), positions, np.reshape(g, (-1, width)), size)
    if target is not out:
        np.copyto(out, target)


@kernel("first_rows")
def first_rows(out: Any, indices: TensorLike, size: IntOrInts) -> None:
    positions = checked_positions(np.asarray(indices), size, 0)
    out[...] = False
    out.reshape(-1)[np.unique(positions, return_index=True)[1]] = True


@kernel("put_rows")
def put_rows(out: Any, x: TensorLike, indices: TensorLike, rows: Any) -> None:
    positions = checked_positions(np.asarray(indices), out.shape[0], 0)
    if out is not x:
        np.copyto(out, x)
    out[positions] = rows
