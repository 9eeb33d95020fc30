"""cuBLAS as the device calls it through ctypes: C's arguments, columns first, read from and written to addresses."""

import ctypes

import numpy as np

from tests.cupy_standin import streams
from tests.cupy_standin.memory import block_at

TYPES = {0: np.float32, 1: np.float64, 4: np.complex64, 5: np.complex128, 2: np.float16, 14: "bfloat16"}
_HALVES = (2, 14)  # which tensor cores multiply, and add up in float32
_COMPUTE = {68: 4, 77: 4, 70: 8}


class Operand:
    """Something `streams.launch` orders: numbers at an address, as a NumPy array."""

    def __init__(self, numbers):
        self._hidden, self._block = numbers, block_at(numbers.ctypes.data)


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
        def matrices(place, dtype, shape, leading, stride):
            return columns_at(place.value, dtype, shape, leading.value, stride.value, batchCount.value)

        lies = (A, lda, strideA), (B, ldb, strideB), (C, ldc, strideC)
        facts = transa, transb, m, n, k, alpha, beta, computeType
        return self._multiply(handle, matrices, lies, (Atype, Btype, Ctype), facts)

    def cublasGemmBatchedEx(
        self, handle, transa, transb, m, n, k, alpha, A, Atype, lda, B, Btype, ldb, beta, C, Ctype, ldc, batchCount,
        computeType, algo,
    ):  # fmt: skip
        """`A`, `B` and `C` are where the addresses of the matrices are."""

        def matrices(place, dtype, shape, leading):
            block, count = block_at(place.value), batchCount.value
            assert place.value % 8 == 0
            places = np.ndarray((count,), np.int64, block.bytes, place.value - block.address)
            return _Apart([columns_at(int(one), dtype, shape, leading.value, 0, 1)[0] for one in places])

        facts = transa, transb, m, n, k, alpha, beta, computeType
        return self._multiply(handle, matrices, ((A, lda), (B, ldb), (C, ldc)), (Atype, Btype, Ctype), facts)

    def _multiply(self, handle, matrices, lies, types, facts):
        state = self._handles[handle.value]
        if state["stream"] != streams.current().ptr or not state["workspace"]:
            raise AssertionError("The handle has another stream than what is launched, or no workspace of its own.")
        if state["card"] != streams.device_id():
            raise AssertionError("The handle belongs to another card.")
        transa, transb, m, n, k, alpha, beta, compute = facts
        ta, tb, m, n, k = (v.value for v in (transa, transb, m, n, k))
        kind = types[0].value
        dtype = np.dtype(TYPES[kind])
        if any(other.value != kind for other in types) or compute.value not in _COMPUTE:
            return 15
        lda, ldb, ldc = (leading.value for _, leading, *_ in lies)
        if min(m, n, k) < 0 or lda < max(1, (m, k)[ta]) or ldb < max(1, (k, n)[tb]) or ldc < max(1, m):
            return 7
        if _number(beta, dtype) != 0 or _number(alpha, dtype) != 1:
            return 7
        shapes = (m, k) if not ta else (k, m), (k, n) if not tb else (n, k), (m, n)
        a, b, c = (matrices(place, dtype, shape, *more) for (place, *more), shape in zip(lies, shapes))

        def work():
            with np.errstate(all="ignore"):
                for x, y, out in zip(a, b, c):
                    x, y = (x.T if ta else x), (y.T if tb else y)
                    if kind in _HALVES:
                        x, y = x.astype(np.float32), y.astype(np.float32)
                    out[...] = (x @ y).astype(out.dtype)

        operands = [[Operand(one) for one in x.distinct] if isinstance(x, _Apart) else [Operand(x)] for x in (a, b, c)]
        streams.compute(work, [*operands[0], *operands[1]], operands[2])
        return 0


class _Apart(list):
    """Matrices that lie anywhere."""

    @property
    def distinct(self):
        return list({one.ctypes.data: one for one in self}.values())


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
