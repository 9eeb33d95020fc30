"""Operands as native kernels want them."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

import numpy as np

from kerasish.backend.numpy import aligned, blueprint
from kerasish.backend.numpy.steps.copies import copy_steps
from kerasish.backend.numpy.team import blas
from kerasish.typing import Axis, DTypeLike, TensorLike


def product(dtype: DTypeLike) -> Any:
    """(address of BLAS's matrix product, names that kernels with a product are compiled with).

    None where there is no such product for `dtype`.
    """
    return _product(dtype) if blueprint.current() is None else _found(dtype)


@lru_cache
def _product(dtype):
    return _found(dtype)


def _found(dtype):
    letter = {"float32": "s", "float64": "d"}.get(dtype.name)
    found = blas.symbol(f"{letter}gemm") if letter else None
    return None if found is None else (found[0], {"T": dtype.name, "INT": f"int{found[1]}"})


def contiguous(x: TensorLike, axes: Axis) -> bool:
    """Whether the last `axes` axes of `x` lie as in an array of their own."""
    size = x.itemsize
    for d, stride in zip(x.shape[::-1][:axes], x.strides[::-1][:axes]):
        if d > 1 and stride != size:
            return False
        size *= d
    return True


def copied(steps: int, x: TensorLike, axes: Axis) -> Any:
    """`x`, or where its last `axes` axes are scattered a copy, whose step is added to `steps`."""
    if contiguous(x, axes):
        return x
    twin = aligned.empty(x.shape, x.dtype)
    steps += copy_steps(twin, x) or [partial(np.copyto, twin, x)]
    return twin
