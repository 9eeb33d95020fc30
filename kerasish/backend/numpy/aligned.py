"""Memory that begins at a multiple of 64 bytes: a line of the cache, and the longest vector.

All that a Program computes on begins so. What BLAS or NumPy do at the ends of an array may depend on where it begins,
and with it the last bit; an allocator puts arrays elsewhere in every process.
"""

from __future__ import annotations

from math import prod
from typing import Any

import ml_dtypes  # noqa: F401  (NumPy knows bfloat16 and float8 by name from here on)
import numpy as np

from kerasish.backend.numpy import blueprint
from kerasish.typing import DTypeLike, Shape

ALIGNMENT = 64  # bytes


def first(memory: np.ndarray[Any, Any]) -> int:
    """How many bytes of an array of bytes stand before the first such place.

    Example:
        >>> import numpy as np
        >>> from kerasish.backend.numpy.aligned import first
        >>> 0 <= first(np.empty(100, "uint8")) < 64
        True
    """
    return -memory.ctypes.data % ALIGNMENT


def empty(shape: Shape, dtype: DTypeLike) -> np.ndarray[Any, Any]:
    """As `np.empty`, of a shape that is a tuple.

    Example:
        >>> from kerasish.backend.numpy.aligned import empty
        >>> empty((2, 3), "float32").ctypes.data % 64
        0
    """
    dtype = np.dtype(dtype)
    drawn = blueprint.current()
    if drawn is not None:
        return np.ndarray(shape, dtype, drawn.empty(prod(shape) * dtype.itemsize))
    memory = np.empty(prod(shape) * dtype.itemsize + ALIGNMENT - 1, np.uint8)
    return np.ndarray(shape, dtype, memory, first(memory))


def words(values: Any) -> np.ndarray[Any, Any]:
    """An int64 array of what a kernel reads as arguments, addresses among them.

    Example:
        >>> from kerasish.backend.numpy.aligned import words
        >>> words([1, 2]).tolist()
        [1, 2]
    """
    found = np.ascontiguousarray(values, np.int64)
    drawn = blueprint.current()
    return found if drawn is None else drawn.words(found)
