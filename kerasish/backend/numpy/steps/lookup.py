"""Reading and adding rows by index, as steps of `native/rows.py`."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.numpy import aligned, blueprint
from kerasish.backend.numpy.indexing import check_range
from kerasish.backend.numpy.native import source
from kerasish.backend.numpy.native.step import NativeStep
from kerasish.backend.numpy.steps import cost, native_steps
from kerasish.backend.numpy.steps.operands import copied
from kerasish.typing import Axis, IntOrInts, TensorLike

_INDICES = ("int32", "int64", "uint8", "uint16", "int8", "int16", "uint32")


def _ready(steps, indices, size, axis):
    """The indices as the kernels want them.

    That they are within range is a step of its own: native code can't raise.
    """
    indices = copied(steps, indices, indices.ndim)
    if blueprint.current() is not None:
        return checked(steps, indices, size)
    steps.append(partial(check_range, indices, size, axis))
    return indices


def checked(steps: Any, indices: TensorLike, size: int) -> Any:
    """A copy of contiguous indices in which those out of range are 0, for a library: its step complains of them."""
    safe = aligned.empty(indices.shape, indices.dtype)
    args = [indices.ctypes.data, safe.ctypes.data, size, blueprint.current().complaint()]
    entry = source.address(source.from_file("lookup", "check", I=indices.dtype.name))
    steps.append(NativeStep(entry, args, [indices, safe], indices.size, name="check"))
    return safe


@native_steps("take")
def take(out: Any, x: TensorLike, indices: TensorLike, axis: Axis) -> list[Any] | None:
    """`out = x[indices]` along an axis."""
    inner = x.dtype.itemsize * math.prod(x.shape[axis:][1:])
    fits = isinstance(indices, np.ndarray) and indices.dtype.name in _INDICES and out.dtype == x.dtype
    if not fits or not out.size or not out.flags.c_contiguous or not x.flags.c_contiguous or inner < 32 or axis < 0:
        return None
    steps = []
    indices = _ready(steps, indices, x.shape[axis], axis)
    units = math.prod(x.shape[:axis]) * indices.size
    args = [out.ctypes.data, x.ctypes.data, indices.ctypes.data, indices.size, x.shape[axis], inner]
    entry = source.address(source.from_file("lookup", "take", I=indices.dtype.name, T="float32", ITEM=4))
    workers = cost.workers(cost.copy(out.nbytes) + 20 * units, units)
    return [*steps, NativeStep(entry, args, [out, x, indices], units, workers=workers, name="take")]


@native_steps("take_gradient")
def take_gradient(out: Any, g: TensorLike, indices: TensorLike, axis: Axis, size: IntOrInts) -> list[Any] | None:
    """out[indices] += g along an axis. Each worker has rows of its own, and adds in the order of the indices."""
    width = math.prod(out.shape[axis:][1:])
    fits = (
        isinstance(indices, np.ndarray)
        and indices.dtype.name in _INDICES
        and out.dtype == g.dtype
        and out.dtype.name in ("float32", "float64")
    )
    if not fits or not g.size or not out.flags.c_contiguous or width < 4 or axis < 0:
        return None
    steps = []
    g, indices = copied(steps, g, g.ndim), _ready(steps, indices, size, axis)
    outer = math.prod(out.shape[:axis])
    args = [out.ctypes.data, g.ctypes.data, indices.ctypes.data, indices.size, size, width, outer]
    entry = source.address(
        source.from_file("lookup", "take_gradient", I=indices.dtype.name, T=out.dtype.name, ITEM=out.itemsize)
    )
    workers = cost.workers(cost.copy(out.nbytes) / 2 + cost.copy(g.nbytes) + indices.size * outer, size)
    return [*steps, NativeStep(entry, args, [out, g, indices], size, workers=workers, name="take_gradient")]
