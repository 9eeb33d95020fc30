"""cuBLAS as the device calls it through ctypes: C's arguments, columns first, read from and written to addresses."""

import ctypes

import numpy as np

from tests.cupy_standin import streams
from tests.cupy_standin.memory import block_at

TYPES = {0: np.float32, 1: np.float64, 4: np.complex64, 5: np.complex128, 2: np.float16, 14: "bfloat16"}
_HALVES = (2, 14)  # which tensor cores multiply, and add up in float32
_COMPUTE = {68: 4, 77: 4, 70: 8}


class Operand:
    """Something `streams.launch` orders."""

    def __init__(self, block):
        self._block = block


class Library:
    """Functions by the names of the C library; each returns a status, 0 where it went well."""

    def __init__(self):
        self._handles = {}

    def cublasCreate_v2(self, handle):
        number = len(self._handles) + 1
        self._handles[number] = {"stream": 0, "workspace": 0, "card": streams.device_id()}
        handle._obj.value = number
        return 0

    def cublasSetStream_v2(self, handle, stream):
        self._handles[handle.value].update(stream=stream.value or 0, workspace=0)
        return 0

    def cublasSetWorkspace_v2(self, handle, workspace, size):
        block_at(workspace.value)
        self._handles[handle.value]["workspace"] = size.value
        return 0

    def cublasGemmStridedBatchedEx(
        self, handle, transa, transb, m, n, k, alpha, A, Atype, lda, strideA, B, Btype, ldb, strideB, beta, C, Ctype,
        ldc, strideC, batchCount, computeType, algo,
    ):  # fmt: skip
        state = self._handles[handle.value]
        if state["stream"] != streams.current().ptr or not state["workspace"]:
            raise AssertionError("The handle has another stream than what is launched, or no workspace of its own.")
        if state["card"] != streams.device_id():
            raise AssertionError("The handle belongs to another card.")
        (ta, tb, m, n, k, lda, ldb, ldc, batch) = (
            v.value for v in (transa, transb, m, n, k, lda, ldb, ldc, batchCount)
        )
        dtype = np.dtype(TYPES[Atype.value])
        if not Atype.value == Btype.value == Ctype.value:
            return 15
        if min(m, n, k) < 0 or lda < max(1, (m, k)[ta]) or ldb < max(1, (k, n)[tb]) or ldc < max(1, m):
            return 7
        if computeType.value not in _COMPUTE:
            return 15
        a = columns_at(A.value, dtype, (m, k) if not ta else (k, m), lda, strideA.value, batch)
        b = columns_at(B.value, dtype, (k, n) if not tb else (n, k), ldb, strideB.value, batch)
        c = columns_at(C.value, dtype, (m, n), ldc, strideC.value, batch)
        if _number(beta, dtype) != 0 or _number(alpha, dtype) != 1:
            return 7

        def work():
            with np.errstate(all="ignore"):
                x, y = (a.swapaxes(-1, -2) if ta else a), (b.swapaxes(-1, -2) if tb else b)
                if Atype.value in _HALVES:
                    x, y = x.astype(np.float32), y.astype(np.float32)
                c[...] = (x @ y).astype(c.dtype)

        streams.compute(work, [Operand(block_at(A.value)), Operand(block_at(B.value))], [Operand(block_at(C.value))])
        return 0


def _number(pointer, dtype):
    kind = ctypes.c_double if dtype.name in ("float64", "complex128") else ctypes.c_float
    return ctypes.cast(pointer, ctypes.POINTER(kind))[0]


def columns_at(address, dtype, shape, leading, stride, batch):
    """A view (batch, rows, columns) of matrices stored by columns."""
    block = block_at(address)
    step = dtype.itemsize
    last = (batch - 1) * stride + (shape[1] - 1) * leading + shape[0] if min(shape) else 0
    if address - block.address + last * step > block.size:
        raise AssertionError("The product reaches beyond its memory.")
    return np.ndarray(
        (batch, *shape), dtype, block.bytes, address - block.address, (stride * step, step, leading * step)
    )
