"""CuPy kernel of `matmul`: cuBLAS on what lies so that it can take it, and on copies of what does not."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy import blas, blas_lt
from kerasish.backend.cupy.followers import chain
from kerasish.backend.cupy.kernels import kernel
from kerasish.backend.fused import axes


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


class Step:
    """A product bound to arrays, which a bias and an activation may follow. Called, it is computed."""

    def __init__(self, out: Any, inputs: Any, attributes: dict[str, Any]) -> None:
        self._arguments = out, inputs, attributes
        self._run = _apart(out, *inputs, **attributes) or partial(matmul, out, *inputs, **attributes)
        self.follows = False

    def __call__(self) -> None:
        self._run()

    def follow(self, group: Any, arrays: dict[Any, Any]) -> bool:
        """Do `group`, bound to `arrays`, in the same kernel; says whether cuBLASLt has one."""
        out, (x, y), attributes = self._arguments
        found = None if self.follows else chain(group, arrays, out)
        if found is None or out.dtype.kind == "c" or out.dtype == np.float64 or not out.flags.c_contiguous:
            return False
        if not blas.computes(out.dtype) or not out.size or not x.size:
            return False
        epilogue = found.bias_and_activation
        if epilogue is None:
            return False
        bias, activation = epilogue
        if bias is not None and not bias.flags.c_contiguous:
            return False
        given, wide = bias, bias is not None and bias.dtype != out.dtype
        if wide:  # cuBLASLt adds numbers of the result's type alone
            bias = cupy.empty((bias.size,), out.dtype)
        x = x.swapaxes(-1, -2) if attributes.get("transpose_x") else x
        y = y.swapaxes(-1, -2) if attributes.get("transpose_y") else y
        made, first, second = _as_matrices(out, x, y)
        if (first.array.data.ptr, second.array.data.ptr) != (x.data.ptr, y.data.ptr):
            return False  # a copy, which the operands' later values would not be in
        try:
            product = blas_lt.Product(made, first, second, bias, activation)
        except blas.BlasError:
            return False
        self._run = partial(_converted_first, bias, given.reshape(-1), product) if wide else product
        self.follows = True
        return True


def _converted_first(bias, given, product):
    cupy.copyto(bias, given, casting="same_kind")
    product()


def _multiply(out, x, y):
    blas.multiply(*_as_matrices(out, x, y))


def _as_matrices(out, x, y):
    """(out as a batch of matrices, the words for x and y)."""
    if x.ndim > 2 and y.ndim == 2 and x.flags.c_contiguous:  # one product of many rows
        out, x = out.reshape(1, -1, out.shape[-1]), x.reshape(1, -1, x.shape[-1])
    outer = out.shape[:-2]
    return out.reshape(-1, *out.shape[-2:]), _operand(x, outer), _operand(y, outer)


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


def _apart(out, x, y, transpose_x=False, transpose_y=False):
    """The `_Apart` of these arrays; None where one stride leads from each matrix of an operand to the next."""
    x = x.swapaxes(-1, -2) if transpose_x else x
    y = y.swapaxes(-1, -2) if transpose_y else y
    if not (blas.computes(out.dtype) and out.flags.c_contiguous and out.size and x.size):
        return None
    outer = out.shape[:-2]
    if all(_is_one_stride(operand, outer) for operand in (x, y)):
        return None
    words = [_first(operand) for operand in (x, y)]
    return None if None in words else _Apart(out, x, y, *words)


def _is_one_stride(x, outer):
    whole = cupy.broadcast_to(x, (*outer, *x.shape[-2:]))
    sizes, _ = axes.joined(outer, [whole.strides[:-2]])
    return len(sizes) < 2


def _first(x):
    """The words for the first matrix of `x`."""
    return blas.as_matrices(x[(0,) * (x.ndim - 2)][None])


class _Apart:
    """Products of matrices that no one stride leads through, as heads of attention lie: cuBLAS is given addresses."""

    def __init__(self, out: Any, x: Any, y: Any, first: blas.Matrices, second: blas.Matrices) -> None:
        outer = out.shape[:-2]
        self._out, self._words = out.reshape(-1, *out.shape[-2:]), (first, second)
        self._places = cupy.asarray(np.stack([_addresses(array, outer) for array in (y, x, out)]))
        self._keep = x, y

    def __call__(self) -> None:
        blas.multiply_each(self._out, *self._words, self._places)


def _addresses(x, outer):
    """Where the matrices of `x` begin, as many as axes of sizes `outer` count."""
    strides = cupy.broadcast_to(x, (*outer, *x.shape[-2:])).strides[:-2]
    places = np.full((1,), x.data.ptr, np.int64)
    for count, stride in zip(outer, strides):
        places = np.add.outer(places, np.arange(count, dtype=np.int64) * stride).reshape(-1)
    return places
