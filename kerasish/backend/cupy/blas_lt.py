"""Products with a bias and an activation in the same kernel: cuBLASLt through ctypes, as `blas` calls cuBLAS."""

from __future__ import annotations

import ctypes
import threading
import weakref
from typing import Any

import cupy

from kerasish import forks
from kerasish.backend.cupy import blas

_TRANSA, _TRANSB, _EPILOGUE, _BIAS_POINTER = 3, 4, 7, 8  # of cublasLtMatmulDescAttributes_t
_BATCH_COUNT, _BATCH_OFFSET = 5, 6  # of cublasLtMatrixLayoutAttribute_t
_MOST_BYTES, _ALIGNMENTS = 1, (5, 6, 7, 8)  # of cublasLtMatmulPreferenceAttributes_t; the latter of A, B, C and D
_BIAS, _ACTIVATIONS = 4, {"": 0, "relu": 2, "gelu": 32}  # of cublasLtEpilogue_t; its gelu is the approximate one
_ALIGNED = 256  # bytes: more does not matter
_local = threading.local()
_lock = forks.lock()
_opened: list[Any] = []


def open_library() -> Any:
    """The shared library that belongs to the cuBLAS that CuPy uses."""
    from cuda.pathfinder import load_nvidia_dynamic_lib  # an optional package, which comes with CuPy

    return ctypes.CDLL(load_nvidia_dynamic_lib("cublasLt").abs_path)


def _library():
    with _lock:
        if not _opened:
            _opened.append(open_library())
    return _opened[0]


class _Result(ctypes.Structure):
    """cublasLtMatmulHeuristicResult_t."""

    _fields_ = [
        ("algorithm", ctypes.c_uint64 * 8),
        ("workspace", ctypes.c_size_t),
        ("state", ctypes.c_int),
        ("waves", ctypes.c_float),
        ("reserved", ctypes.c_int * 4),
    ]


def _checked(name, *args):
    status = getattr(_library(), name)(*args)
    if status:
        raise blas.BlasError(f"cuBLASLt: {name} gave status {status}.")


def _made(kind, *args):
    """A descriptor, which goes when nobody holds it."""
    made = ctypes.c_void_p()
    _checked(f"cublasLt{kind}Create", ctypes.byref(made), *args)
    weakref.finalize(made, getattr(_library(), f"cublasLt{kind}Destroy"), ctypes.c_void_p(made.value))
    return made


def _set(kind, descriptor, attribute, value):
    name = f"cublasLt{kind}SetAttribute"
    _checked(name, descriptor, ctypes.c_int(attribute), ctypes.byref(value), ctypes.c_size_t(ctypes.sizeof(value)))


def _handle():
    """The handle of this thread and card, with memory to work in that a captured graph may keep."""
    handles = _local.__dict__.setdefault("handles", {})
    card = cupy.cuda.Device().id
    if card not in handles:
        handle = ctypes.c_void_p()
        _checked("cublasLtCreate", ctypes.byref(handle))
        handles[card] = handle, blas.workspace()
    return handles[card]


class Product:
    """`out` = x @ y, a bias for each column added, and an activation of that.

    Args:
        out: cupy.ndarray (batch, rows, columns), contiguous. x, y: Matrices. bias: cupy.ndarray (columns,) of the
            same dtype, or None. activation: string, "relu", "gelu" (the approximate one) or "".

    Raises:
        BlasError: cuBLASLt has no kernel for that.
    """

    def __init__(self, out: Any, x: blas.Matrices, y: blas.Matrices, bias: Any, activation: str) -> None:
        batch, rows, columns = out.shape
        depth, kind = x.array.shape[2], ctypes.c_int(blas.type_of(out.dtype))
        compute = blas.compute_of(out.dtype)
        self._keep = out, x.array, y.array, bias
        self._operation = _made("MatmulDesc", ctypes.c_int(compute), ctypes.c_int(blas.type_of("float32")))
        for attribute, value in (
            (_TRANSA, ctypes.c_int32(y.transposed)),
            (_TRANSB, ctypes.c_int32(x.transposed)),
            (_EPILOGUE, ctypes.c_uint32((_BIAS if bias is not None else 0) | _ACTIVATIONS[activation])),
        ):
            _set("MatmulDesc", self._operation, attribute, value)
        if bias is not None:
            _set("MatmulDesc", self._operation, _BIAS_POINTER, ctypes.c_void_p(bias.data.ptr))
        sizes = (  # columns first, for which memory holds the transposed matrices: out^T = y^T @ x^T
            ((depth, columns) if y.transposed else (columns, depth), y.leading, y.stride),
            ((rows, depth) if x.transposed else (depth, rows), x.leading, x.stride),
            ((columns, rows), columns, rows * columns),
        )
        self._layouts = [_layout(kind, *size, batch) for size in sizes]
        self._places = [ctypes.c_void_p(array.data.ptr) for array in (y.array, x.array, out)]
        self._one, self._zero = ctypes.c_float(1.0), ctypes.c_float(0.0)
        self._algorithm = self._chosen()

    def _chosen(self):
        preference = _made("MatmulPreference")
        _set("MatmulPreference", preference, _MOST_BYTES, ctypes.c_uint64(blas.WORKSPACE))
        a, b, d = self._places
        for attribute, place in zip(_ALIGNMENTS, (a, b, d, d)):
            aligned = min(_ALIGNED, place.value & -place.value)
            _set("MatmulPreference", preference, attribute, ctypes.c_uint32(aligned))
        result, count = _Result(), ctypes.c_int()
        first, second, third = self._layouts
        _checked(
            "cublasLtMatmulAlgoGetHeuristic",
            _handle()[0],
            self._operation,
            first,
            second,
            third,
            third,
            preference,
            ctypes.c_int(1),
            ctypes.byref(result),
            ctypes.byref(count),
        )
        if not count.value or result.state:
            raise blas.BlasError("cuBLASLt has no kernel for such a product.")
        return result.algorithm

    def __call__(self) -> None:
        handle, workspace = _handle()
        (a, b, d), (first, second, third) = self._places, self._layouts
        _checked(
            "cublasLtMatmul",
            handle,
            self._operation,
            ctypes.byref(self._one),
            a,
            first,
            b,
            second,
            ctypes.byref(self._zero),
            d,
            third,
            d,
            third,
            ctypes.byref(self._algorithm),
            ctypes.c_void_p(workspace.ptr),
            ctypes.c_size_t(blas.WORKSPACE),
            ctypes.c_void_p(cupy.cuda.get_current_stream().ptr),
        )


def _layout(kind, shape, leading, stride, batch):
    rows, columns = shape
    made = _made("MatrixLayout", kind, ctypes.c_uint64(rows), ctypes.c_uint64(columns), ctypes.c_int64(leading))
    if batch > 1:
        _set("MatrixLayout", made, _BATCH_COUNT, ctypes.c_int32(batch))
        _set("MatrixLayout", made, _BATCH_OFFSET, ctypes.c_int64(stride))
    return made
