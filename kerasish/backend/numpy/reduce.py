"""NumPy kernels of `primitives/reduce.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import kernel
from kerasish.typing import Axis, TensorLike


def _reduction(name, ufunc):
    @kernel(name)
    def reduce(out, x, axis=None, keepdims=False):
        ufunc.reduce(x, axis=axis if axis is None or isinstance(axis, int) else tuple(axis), keepdims=keepdims, out=out)


_BLOCK = 128  # rows that are added one by one


@kernel("sum")
def sum_(out: Any, x: TensorLike, axis: Axis = None, keepdims: bool = False) -> None:
    count = x.ndim if axis is None else len(axis) if isinstance(axis, (tuple, list)) else 1
    leading = axis is not None and not isinstance(axis, int) and sorted(axis) == list(range(count)) or axis == 0
    if leading and 0 < count < x.ndim and x.dtype.kind == "f" and x.flags.c_contiguous and x.size:
        rows = x.reshape(-1, *x.shape[count:])
        if len(rows) > _BLOCK:
            out[...] = _sum_rows(rows).reshape(out.shape)
            return
    np.add.reduce(x, axis=axis if axis is None or isinstance(axis, int) else tuple(axis), keepdims=keepdims, out=out)


def _sum_rows(rows):
    """Sum over the first axis, block by block.

    NumPy itself adds such rows one after another and so loses a digit for each hundredfold of them.
    """
    while len(rows) > _BLOCK:
        whole = len(rows) // _BLOCK * _BLOCK
        parts = np.add.reduce(rows[:whole].reshape(-1, _BLOCK, *rows.shape[1:]), axis=1)
        rows = np.concatenate([parts, rows[whole:]]) if whole < len(rows) else parts
    return np.add.reduce(rows, axis=0)


_reduction("prod", np.multiply)
_reduction("max", np.maximum)
_reduction("min", np.minimum)
_reduction("any", np.logical_or)
_reduction("all", np.logical_and)


@kernel("argmax")
def argmax(out: Any, x: TensorLike, axis: Axis, keepdims: bool = False) -> None:
    np.copyto(out, np.argmax(x, axis=axis, keepdims=keepdims), casting="unsafe")


@kernel("argmin")
def argmin(out: Any, x: TensorLike, axis: Axis, keepdims: bool = False) -> None:
    np.copyto(out, np.argmin(x, axis=axis, keepdims=keepdims), casting="unsafe")


def _cumulative(name, ufunc):
    @kernel(name)
    def accumulate(out, x, axis, reverse=False):
        if reverse:
            x, out = np.flip(x, axis), np.flip(out, axis)
        ufunc.accumulate(x, axis=axis, out=out)


_cumulative("cumsum", np.add)
_cumulative("cumprod", np.multiply)
_cumulative("cummax", np.maximum)
