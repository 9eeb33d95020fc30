"""Matrix products, single and in batches, as steps of `native/products.py`.

Transposed operands are read as they lie.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kerasish.backend.numpy import aligned
from kerasish.backend.numpy.native import product_slots as slots
from kerasish.backend.numpy.native import source
from kerasish.backend.numpy.steps import cost, native_steps
from kerasish.backend.numpy.steps.copies import copy_steps
from kerasish.backend.numpy.steps.epilogue import Seam, SeamStep
from kerasish.backend.numpy.steps.operands import product
from kerasish.typing import TensorLike


def lie(x: TensorLike) -> tuple[Any, ...] | None:
    """(transposed, leading dimension in elements) of the matrices in the last two axes of `x`.

    None where BLAS can't read them.
    """
    item, (rows, columns), (down, across) = x.itemsize, x.shape[-2:], x.strides[-2:]
    for transposed, outer, inner, step, unit in ((0, rows, columns, down, across), (1, columns, rows, across, down)):
        if (inner == 1 or unit == item) and (outer == 1 or (step >= inner * item and step % item == 0)):
            return transposed, inner if outer == 1 else step // item
    return None


def _readable(steps, x):
    """`x`, or a copy whose steps are added."""
    if lie(x) is not None and not any(s % x.itemsize for s in x.strides):
        return x
    twin = aligned.empty(x.shape, x.dtype)
    copying = copy_steps(twin, x)
    if copying is None:
        return None
    steps += copying
    return twin


def _one_matrix(x):
    """The matrices of `x` stacked as one, where they lie so; else None."""
    if x.ndim == 2:
        return x
    rows = [(d, s) for d, s in zip(x.shape[:-1], x.strides[:-1]) if d > 1]
    if any(s != t * d for (_, s), (d, t) in zip(rows, rows[1:])):
        return None
    step = rows[-1][1] if rows else x.strides[-2]
    return np.lib.stride_tricks.as_strided(x, (math.prod(x.shape[:-1]), x.shape[-1]), (step, x.strides[-1]))


def _batch_axes(out, x, y):
    """Up to three axes (size, strides in x, y, out) of the batch, neighbours joined; None where there are more."""
    lead = out.shape[:-2]
    strides = [np.broadcast_to(m, (*lead, *m.shape[-2:])).strides[:-2] for m in (x, y, out)]
    joined = []
    for d, *steps in zip(lead, *strides):
        if d == 1:
            continue
        if joined and all(before == step * d for before, step in zip(joined[-1][1:], steps)):
            joined[-1] = (joined[-1][0] * d, *steps)
        else:
            joined.append((d, *steps))
    return None if len(joined) > 3 else [(1, 0, 0, 0)] * (3 - len(joined)) + joined


@native_steps("matmul")
def matmul(out: Any, x: TensorLike, y: TensorLike, transpose_x: bool = False, transpose_y: bool = False) -> Any:
    """`out = x @ y` over the last two axes."""
    if (
        product(out.dtype) is None
        or x.dtype != out.dtype
        or y.dtype != out.dtype
        or not (x.size and y.size and out.size)
        or not out.flags.c_contiguous
    ):
        return None
    steps = []
    x, y = x.swapaxes(-1, -2) if transpose_x else x, y.swapaxes(-1, -2) if transpose_y else y
    x = _readable(steps, x)
    y = x if y is x else _readable(steps, y)
    if x is None or y is None:
        return None
    if y.ndim == 2 or y.size == y.shape[-1] * y.shape[-2]:
        stacked = _one_matrix(x) if math.prod(x.shape[:-2]) == math.prod(out.shape[:-2]) and lie(x)[0] == 0 else None
        if stacked is not None:
            x, y, out = stacked, y.reshape(y.shape[-2:]), out.reshape(-1, out.shape[-1])
    if _is_long_sum(out, x, y):
        return _long_sum(steps, out, x, y)
    axes = _batch_axes(out, x, y)
    return None if axes is None else [*steps, _step(axes, out, x, y)] if steps else _step(axes, out, x, y)


def _is_long_sum(out, x, y):
    """Whether so many products are added up for so few sums that workers should share the former.

    A weight gradient of a small layer.
    """
    return (
        out.ndim == x.ndim == y.ndim == 2
        and x.shape[1] >= 4096
        and out.nbytes <= cost.LONG_SUM_BYTES
        and lie(x)[0] == 1
        and lie(y)[0] == 0
    )


def _long_sum(steps, out, x, y):
    from kerasish.backend.numpy.steps.convolution import conv_kernel_gradient  # start-up time: few have such a sum

    points = dict(strides=(1,), padding=((0, 0),), dilation=(1,), groups=1)
    made = conv_kernel_gradient(out[None], x.T[:, None], y[:, None], **points, kernel_shape=(1, *out.shape))
    return [*steps, *made] if isinstance(made, list) else [*steps, made]


def _step(axes, out, x, y):
    address, names = product(out.dtype)
    rows, columns, inner, item = *out.shape[-2:], x.shape[-1], out.itemsize
    matrices = math.prod(axis[0] for axis in axes)
    args = [0] * slots.SLOTS
    args[slots.A], args[slots.B], args[slots.C] = x.ctypes.data, y.ctypes.data, out.ctypes.data
    args[slots.ROWS], args[slots.COLUMNS], args[slots.INNER] = rows, columns, inner
    (args[slots.TRANSPOSE_A], args[slots.LDA]), (args[slots.TRANSPOSE_B], args[slots.LDB]), args[slots.LDC] = (
        lie(x),
        lie(y),
        columns,
    )
    for slot, values in zip((slots.BATCH, slots.A_BATCH, slots.B_BATCH, slots.C_BATCH), zip(*axes)):
        args[slot : slot + 3] = values
    workers = cost.workers(matrices * cost.product(rows, inner, columns, item), matrices * rows * columns)
    by_columns = workers > 1 and matrices == 1 and rows < cost.FEW_ROWS * workers and columns >= 32 * workers
    units, grain = (columns, 16) if by_columns else (matrices * rows, rows if matrices >= 4 * workers else 16)
    if not by_columns and matrices == 1 and rows < 16 * workers:
        grain = max(1, rows // workers)
    args[slots.ITEM], args[slots.GEMM], args[slots.TILE], args[slots.BY_COLUMNS] = item, address, rows, int(by_columns)
    tile = max(cost.TILE_ROWS, cost.OUTPUT_BYTES // (columns * item))
    seam = None if by_columns else Seam(matrices * rows, slots.EPILOGUE, slots.TILE, tile)
    entry = source.address(source.from_file("products", "matmul", LAYOUT=slots.LAYOUT, **names))
    return SeamStep(entry, args, [x, y, out], units, grain=grain, workers=workers, name="matmul", seam=seam)
