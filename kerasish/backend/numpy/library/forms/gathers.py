"""Elements and rows by index, orders, running sums, windows whose corner is known late."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kerasish.backend.numpy import aligned, blueprint
from kerasish.backend.numpy.library.forms import form
from kerasish.backend.numpy.library.forms.operands import INDICES, item_type, kernel_step, stored, whole
from kerasish.backend.numpy.steps.copies import copy_steps
from kerasish.backend.numpy.steps.lookup import checked


def _plain(out, indices):
    return out.flags.c_contiguous and indices.dtype.name in INDICES


@form("take")
def take(out: Any, x: Any, indices: Any, axis: int) -> Any:
    """Rows of any width."""
    if not out.size:
        return []
    if not _plain(out, indices) or x.dtype != out.dtype:
        return None
    steps: list[Any] = []
    axis %= x.ndim
    x, indices = whole(steps, x), checked(steps, whole(steps, indices), x.shape[axis])
    units = math.prod(x.shape[:axis]) * indices.size
    size = x.itemsize * math.prod(x.shape[axis + 1 :])
    args = [out.ctypes.data, x.ctypes.data, indices.ctypes.data, indices.size, x.shape[axis], size]
    names = {"I": indices.dtype.name, "T": "float32", "ITEM": 4}
    return [*steps, kernel_step("lookup", "take", args, [out, x, indices], units, "take", **names)]


@form("take_along_axis")
def take_along_axis(out: Any, x: Any, indices: Any, axis: int) -> Any:
    """One element for each index."""
    if not out.size:
        return []
    if not _plain(out, indices):
        return None
    steps: list[Any] = []
    axis %= x.ndim
    x, indices = whole(steps, x), checked(steps, whole(steps, indices), x.shape[axis])
    inner = math.prod(x.shape[axis + 1 :])
    args = [out.ctypes.data, x.ctypes.data, indices.ctypes.data, indices.shape[axis], inner, x.shape[axis]]
    names = {"I": indices.dtype.name, "T": item_type(x)}
    return [*steps, kernel_step("gathers", "take_along", args, [out, x, indices], out.size, "take_along_axis", **names)]


def _by_vector(steps, target, other, indices, shape, more, function, name, **names):
    """The step of a kernel whose indices are vectors; `other`: what lies beside `target`."""
    depth = indices.shape[-1]
    sizes = aligned.words(shape[:depth])
    inner = math.prod(shape[depth:])
    item = target.itemsize
    noted = blueprint.current().complaint()
    args = [target.ctypes.data, other.ctypes.data, indices.ctypes.data, inner * item, depth, sizes.ctypes.data, noted]
    rows = indices.size // max(1, depth)
    names = {"I": indices.dtype.name, **names}
    step = kernel_step(
        "gathers", function, [*args, inner, rows], [target, other, indices, sizes], 1 if more else rows, name, **names
    )
    return [*steps, step]


@form("gather_nd")
def gather_nd(out: Any, x: Any, indices: Any) -> Any:
    """Rows by vectors of indices."""
    if not out.size:
        return []
    if not _plain(out, indices) or not indices.shape[-1]:
        return None
    steps: list[Any] = []
    x, indices = whole(steps, x), whole(steps, indices)
    return _by_vector(steps, out, x, indices, x.shape, False, "gather", "gather_nd", T="uint8")


def _scattering(name, adds):
    @form(name)
    def maker(out, x, indices, updates):
        if not out.size or not _plain(out, indices) or not indices.shape[-1]:
            return None
        steps = copy_steps(out, x) or []
        indices, updates = whole(steps, indices), whole(steps, updates)
        names = {"T": stored(out.dtype), "ADDS": int(adds)}
        return _by_vector(steps, out, updates, indices, out.shape, True, "scatter", name, **names)


_scattering("scatter_nd_add", True)
_scattering("scatter_update", False)


@form("searchsorted")
def searchsorted(out: Any, sequence: Any, values: Any, side: str = "left") -> Any:
    """By halves."""
    if not out.size:
        return []
    if not out.flags.c_contiguous or sequence.dtype != values.dtype:
        return None
    steps: list[Any] = []
    sequence, values = whole(steps, sequence), whole(steps, values)
    args = [out.ctypes.data, sequence.ctypes.data, values.ctypes.data, sequence.size]
    names = {"T": stored(values.dtype), "R": out.dtype.name, "RIGHT": int(side == "right")}
    arrays = [out, sequence, values]
    return [*steps, kernel_step("gathers", "search", args, arrays, out.size, "searchsorted", **names)]


def _ordered(indices, values, x, wanted, falling, name):
    """The steps of an order of the last axis."""
    steps: list[Any] = []
    x = whole(steps, x)
    length = x.shape[-1]
    scratch = aligned.empty((2 * length,), np.int64)
    args = [
        indices.ctypes.data, x.ctypes.data, length, scratch.ctypes.data, wanted,
        0 if values is None else values.ctypes.data,
    ]  # fmt: skip
    names = {"T": stored(x.dtype), "ITEM": x.itemsize, "FALLING": int(falling)}
    arrays = [indices, x, scratch]
    return [*steps, kernel_step("gathers", "order", args, arrays, x.size // length, name, **names)]


@form("argsort")
def argsort(out: Any, x: Any, axis: int, stable: bool = True) -> Any:
    """By merging."""
    if not out.size:
        return []
    axis %= x.ndim
    if x.dtype.name in ("float16", "bfloat16"):
        return None
    turned, target = np.moveaxis(x, axis, -1), np.moveaxis(out, axis, -1)
    if target.flags.c_contiguous:
        return _ordered(target, None, turned, x.shape[axis], False, "argsort")
    twin = aligned.empty(target.shape, out.dtype)
    return [*_ordered(twin, None, turned, x.shape[axis], False, "argsort"), *copy_steps(target, twin)]


@form("top_k")
def top_k(out: Any, x: Any, k: int) -> Any:
    """The first of a falling order."""
    values, indices = out
    if not values.size:
        return []
    if x.dtype.name in ("float16", "bfloat16") or not (values.flags.c_contiguous and indices.flags.c_contiguous):
        return None
    return _ordered(indices, values, x, k, True, "top_k")


def _accumulation(name, join):
    @form(name)
    def maker(out, x, axis, reverse=False):
        if not out.size:
            return []
        if not out.flags.c_contiguous or x.dtype != out.dtype or x.dtype.name in ("float16", "bfloat16", "bool"):
            return None
        steps: list[Any] = []
        x, axis = whole(steps, x), axis % x.ndim
        inner = math.prod(x.shape[axis + 1 :])
        args = [out.ctypes.data, x.ctypes.data, x.shape[axis], inner, int(reverse)]
        units = x.size // x.shape[axis]
        names = {"T": stored(x.dtype), "JOIN": join}
        return [*steps, kernel_step("gathers", "accumulate", args, [out, x], units, name, **names)]


_accumulation("cumsum", 0)
_accumulation("cumprod", 1)
_accumulation("cummax", 2)


def _window_step(part, x, start, written, name):
    """Copy a window of `x`, whose corner is `start`, to `part`, or back."""
    if x.ndim > 6 or start.dtype.name not in INDICES:
        return None
    missing = (1,) * (6 - x.ndim)
    args = [part.ctypes.data, x.ctypes.data, start.ctypes.data, int(written), x.itemsize, *missing, *x.shape]
    args += [*missing, *part.shape, x.ndim]
    units = part.size // part.shape[-1] if part.ndim else 1
    return kernel_step("gathers", "slice_at", args, [part, x, start], units, name, I=start.dtype.name)


@form("dynamic_slice")
def dynamic_slice(out: Any, x: Any, start: Any, sizes: Any) -> Any:
    """A window whose corner is an operand."""
    if not out.size:
        return []
    steps: list[Any] = []
    step = _window_step(out, whole(steps, x), whole(steps, start), False, "dynamic_slice")
    return None if step is None or not out.flags.c_contiguous else [*steps, step]


@form("dynamic_update")
def dynamic_update(out: Any, x: Any, start: Any, update: Any) -> Any:
    """The same, written."""
    if not out.size or not out.flags.c_contiguous:
        return None
    steps = [] if x is out else copy_steps(out, x) or []
    step = _window_step(whole(steps, update), out, whole(steps, start), True, "dynamic_update")
    return None if step is None else [*steps, step]


@form("matmul")
def matmul(out: Any, x: Any, y: Any, transpose_x: bool = False, transpose_y: bool = False) -> Any:
    """Of whole numbers, which BLAS has no product for."""
    if not out.size or x.dtype != y.dtype or not out.flags.c_contiguous or out.dtype.kind not in "iuf":
        return None
    x, y = x.swapaxes(-1, -2) if transpose_x else x, y.swapaxes(-1, -2) if transpose_y else y
    lead = out.shape[:-2]
    x, y = np.broadcast_to(x, (*lead, *x.shape[-2:])), np.broadcast_to(y, (*lead, *y.shape[-2:]))
    steps: list[Any] = []
    x = x if len(lead) == 0 else whole(steps, x)
    y = y if len(lead) == 0 else whole(steps, y)
    sizes = [*out.shape[-2:], x.shape[-1]]
    strides = [
        math.prod(x.shape[-2:]), *(s // x.itemsize for s in x.strides[-2:]),
        math.prod(y.shape[-2:]), *(s // y.itemsize for s in y.strides[-2:]),
    ]  # fmt: skip
    args = [out.ctypes.data, x.ctypes.data, y.ctypes.data, *sizes, *strides]
    names = {"T": stored(x.dtype), "R": stored(out.dtype)}
    units = math.prod(out.shape[:-1])
    return [*steps, kernel_step("gathers", "multiply", args, [out, x, y], units, "matmul", **names)]
