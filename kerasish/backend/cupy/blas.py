"""cuBLAS through ctypes.

CuPy refuses to call cuBLAS while a stream is captured (14.2: "calling cuBLAS API during stream capture is currently
unsupported"), and a step without matrix products is no step. cuBLAS itself can be captured, with a handle whose
workspace is our own: so products go past CuPy to the same library.
"""

from __future__ import annotations

import ctypes
import os
import threading
from typing import Any

import cupy
import numpy as np

from kerasish import forks

WORKSPACE = 32 << 20  # bytes: what NVIDIA advises for Hopper; a thread's own, so that a captured graph may keep it
_TYPES = {"float32": 0, "float64": 1, "float16": 2, "complex64": 4, "complex128": 5, "bfloat16": 14}
_COMPUTE_32F, _COMPUTE_32F_FAST_TF32, _COMPUTE_64F = 68, 77, 70
_DEFAULT_ALGORITHM = -1
_local = threading.local()
_lock = forks.lock()
_opened: list[Any] = []


class BlasError(RuntimeError):
    """cuBLAS says that a call failed."""


def open_library() -> Any:
    """The shared library that CuPy itself uses."""
    from cuda.pathfinder import load_nvidia_dynamic_lib  # an optional package, which comes with CuPy

    return ctypes.CDLL(load_nvidia_dynamic_lib("cublas").abs_path)


def _library():
    with _lock:
        if not _opened:
            _opened.append(open_library())
    return _opened[0]


def computes(dtype: Any) -> bool:
    """Whether cuBLAS multiplies matrices of a dtype here."""
    return np.dtype(dtype).name in _TYPES


def type_of(dtype: Any) -> int:
    """A dtype as cudaDataType."""
    return _TYPES[np.dtype(dtype).name]


def compute_of(dtype: Any) -> int:
    """How products of a dtype are added up, as cublasComputeType_t."""
    name = np.dtype(dtype).name
    if name in ("float64", "complex128"):
        return _COMPUTE_64F
    return _COMPUTE_32F_FAST_TF32 if name == "float32" and tf32() else _COMPUTE_32F


def tf32() -> bool:
    """Whether float32 products may round their operands to TF32 (`KERASISH_TF32`, by default as Keras on JAX)."""
    return os.environ.get("KERASISH_TF32", "1").lower() not in ("0", "off", "false")


def workspace() -> Any:
    """Memory that products of this thread and card work in, one after the other: cuBLAS's and cuBLASLt's."""
    kept = _local.__dict__.setdefault("workspaces", {})
    card = cupy.cuda.Device().id
    if card not in kept:
        with cupy.cuda.using_allocator(cupy.get_default_memory_pool().malloc):
            kept[card] = cupy.cuda.alloc(WORKSPACE)
    return kept[card]


def workspace_in_use() -> Any:
    """That memory; None where there was no product yet. Who records products keeps it: the thread may end before."""
    return _local.__dict__.get("workspaces", {}).get(cupy.cuda.Device().id)


class _Handle:
    """A handle of this thread and card."""

    def __init__(self):
        self.value = ctypes.c_void_p()
        _checked("cublasCreate_v2", ctypes.byref(self.value))
        self._workspace = workspace()

    def follow_stream(self):
        """Run on the current stream. Setting a stream takes the workspace away, so it is given again."""
        _checked("cublasSetStream_v2", self.value, ctypes.c_void_p(cupy.cuda.get_current_stream().ptr))
        place = ctypes.c_void_p(self._workspace.ptr)
        _checked("cublasSetWorkspace_v2", self.value, place, ctypes.c_size_t(WORKSPACE))


def _handle():
    handles = _local.__dict__.setdefault("handles", {})
    card = cupy.cuda.Device().id
    if card not in handles:
        handles[card] = _Handle()
    handle = handles[card]
    handle.follow_stream()
    return handle.value


def _checked(name, *args):
    status = getattr(_library(), name)(*args)
    if status:
        raise BlasError(f"cuBLAS: {name} gave status {status}.")


class Matrices:
    """How a batch of matrices lies in memory, in cuBLAS's words.

    Attributes:
        array: cupy.ndarray. transposed: bool, whether memory runs along the columns. leading, stride: ints, elements
            from one row (or column) to the next, and from one matrix to the next.
    """

    def __init__(self, array: Any, transposed: bool, leading: int, stride: int) -> None:
        self.array, self.transposed, self.leading, self.stride = array, transposed, leading, stride


def as_matrices(x: Any) -> Matrices | None:
    """The words for `x` (batch, rows, columns); None where no stride is that of neighbours."""
    batch, rows, columns = (s // x.itemsize for s in x.strides)
    if columns == 1 or x.shape[2] == 1:
        transposed, leading, least = False, rows, x.shape[2]
        alone = x.shape[1] == 1
    elif rows == 1 or x.shape[1] == 1:
        transposed, leading, least = True, columns, x.shape[1]
        alone = x.shape[2] == 1
    else:
        return None
    if alone:
        leading = max(1, least)
    if leading < max(1, least) or batch < 0:
        return None
    return Matrices(x, transposed, leading, batch if x.shape[0] > 1 else 0)


def multiply(out: Any, x: Matrices, y: Matrices) -> None:
    """`out` (batch, rows, columns; contiguous) = x @ y, of one dtype that `computes`; halves add up in float32.

    cuBLAS counts columns first, for which memory holds the transposed matrices: out^T = y^T @ x^T.
    """
    places = y.array.data.ptr, x.array.data.ptr, out.data.ptr
    strides = y.stride, x.stride, out.shape[1] * out.shape[2]
    _multiply("cublasGemmStridedBatchedEx", out, x, y, places, strides)


def multiply_each(out: Any, x: Matrices, y: Matrices, places: Any) -> None:
    """As `multiply`, of matrices that lie anywhere, each as the words say for one.

    Args:
        places: cupy.ndarray (3, batch) of int64, the addresses of the matrices of y, x and `out`.
    """
    rows = [places.data.ptr + i * places.strides[0] for i in range(3)]
    _multiply("cublasGemmBatchedEx", out, x, y, rows, ())


def _multiply(name, out, x, y, places, strides):
    batch, rows, columns = out.shape
    kind, compute = ctypes.c_int(type_of(out.dtype)), compute_of(out.dtype)
    number = ctypes.c_double if compute == _COMPUTE_64F else ctypes.c_float
    one, zero = (number * 2)(1.0, 0.0), (number * 2)(0.0, 0.0)
    first, second, third = (
        (ctypes.c_void_p(place), kind, ctypes.c_int(leading), *(ctypes.c_longlong(n) for n in strides[i : i + 1]))
        for i, (place, leading) in enumerate(zip(places, (y.leading, x.leading, columns)))
    )
    turned = ctypes.c_int(y.transposed), ctypes.c_int(x.transposed)
    sizes = ctypes.c_int(columns), ctypes.c_int(rows), ctypes.c_int(x.array.shape[2])
    how = ctypes.c_int(batch), ctypes.c_int(compute), ctypes.c_int(_DEFAULT_ALGORITHM)
    operands = (ctypes.byref(one), *first, *second, ctypes.byref(zero), *third)
    _checked(name, _handle(), *turned, *sizes, *operands, *how)
