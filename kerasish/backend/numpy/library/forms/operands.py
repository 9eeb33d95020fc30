"""Operands and results that lie in one piece."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.numpy import aligned
from kerasish.backend.numpy.native import source
from kerasish.backend.numpy.native.step import NativeStep
from kerasish.backend.numpy.steps.copies import copy_steps
from kerasish.backend.numpy.steps.operands import contiguous

INDICES = ("int32", "int64", "uint8", "uint16", "int8", "int16", "uint32")


def whole(steps: list[Any], x: Any) -> Any:
    """`x`, or a copy in one piece, whose step is added."""
    if contiguous(x, x.ndim):
        return x
    twin = aligned.empty(x.shape, x.dtype)
    steps += copy_steps(twin, x) or []
    return twin


def stored(dtype: Any) -> str:
    """The type of memory: a bool is a byte."""
    return "uint8" if dtype == np.bool_ else np.dtype(dtype).name


def item_type(x: Any) -> str:
    """A type for elements that are only moved."""
    return f"uint{8 * x.itemsize}"


def kernel_step(text: str, function: str, args: Any, arrays: Any, units: int, name: str, **names: Any) -> NativeStep:
    """The step of a kernel of a file; `units` on one worker."""
    entry = source.address(source.from_file(text, function, **names))
    return NativeStep(entry, args, arrays, units, name=name)
