"""NumPy kernels of `primitives/rows.py`."""

import math

import numpy as np

from kerasish.backend.numpy.indexing import checked_positions, sum_equal
from kerasish.backend.numpy.kernels import kernel


@kernel("sum_rows")
def sum_rows(out, g, indices, size):
    positions = checked_positions(np.asarray(indices), size, 0).reshape(-1)
    if not out.size:
        return
    width = math.prod(out.shape[np.ndim(indices) :])
    target = out if out.flags.c_contiguous else np.empty(out.shape, out.dtype)
    sum_equal(target.reshape(-1, width), positions, np.reshape(g, (-1, width)), size)
    if target is not out:
        np.copyto(out, target)


@kernel("put_rows")
def put_rows(out, x, indices, rows):
    positions = checked_positions(np.asarray(indices), out.shape[0], 0)
    if out is not x:
        np.copyto(out, x)
    out[positions] = rows
