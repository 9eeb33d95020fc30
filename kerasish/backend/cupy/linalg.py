"""CuPy kernel of `matmul`: cuBLAS on what lies so that it can take it, and on copies of what does not."""

from __future__ import annotations

import math
from typing import Any

import cupy

from kerasish.backend.cupy import blas
from kerasish.backend.cupy.kernels import kernel


@kernel("matmul")
def matmul(out: Any, x: Any, y: Any, transpose_x: bool = False, transpose_y: bool = False) -> None:
    """Transposed operands are views: cuBLAS takes them as they lie."""
    x = x.swapaxes(-1, -2) if transpose_x else x
    y = y.swapaxes(-1, -2) if transpose_y else y
    if not blas.computes(out.dtype):
        cupy.copyto(out, cupy.matmul(x, y), casting="unsafe")
    elif not out.size:
        return
    elif not x.shape[-1]:
        out.fill(0)
    elif out.flags.c_contiguous:
        _multiply(out, x, y)
    else:
        made = cupy.empty(out.shape, out.dtype)
        _multiply(made, x, y)
        cupy.copyto(out, made)


def _multiply(out, x, y):
    if x.ndim > 2 and y.ndim == 2 and x.flags.c_contiguous:  # one product of many rows
        out, x = out.reshape(1, -1, out.shape[-1]), x.reshape(1, -1, x.shape[-1])
    outer = out.shape[:-2]
    blas.multiply(out.reshape(-1, *out.shape[-2:]), _operand(x, outer), _operand(y, outer))


def _operand(x, outer):
    """The matrices of `x`, as many as axes of sizes `outer` count."""
    batch = math.prod(outer)
    if math.prod(x.shape[:-2]) == 1:
        one = x.reshape(1, *x.shape[-2:])
        found = blas.as_matrices(one) or blas.as_matrices(one.copy())
        found.stride = 0  # the same one for all
        return found
    whole = cupy.broadcast_to(x, (*outer, *x.shape[-2:]))
    flat = whole.reshape(batch, *x.shape[-2:])  # a copy where no one stride leads from each to the next
    return blas.as_matrices(flat) or blas.as_matrices(flat.copy())
