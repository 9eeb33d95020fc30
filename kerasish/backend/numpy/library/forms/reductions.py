"""Reductions that join no group: over axes in the middle, of bools, of products; the place of the largest."""

from __future__ import annotations

import math

from kerasish.backend.numpy.library.forms import form
from kerasish.backend.numpy.library.forms.operands import stored
from kerasish.backend.numpy.native import kernels, source
from kerasish.backend.numpy.native.step import NativeStep
from kerasish.backend.numpy.steps import cost

_MOST = 4


def _joined(sizes, strides):
    """Axes of more than one element, neighbours that are one run joined; padded to four. None for more."""
    found = []
    for size, stride in zip(sizes, strides):
        if size == 1:
            continue
        if found and found[-1][1] == stride * size:
            found[-1] = (found[-1][0] * size, stride)
        else:
            found.append((size, stride))
    return None if len(found) > _MOST else [(1, 0)] * (_MOST - len(found)) + found


def _axes(x, axis):
    axes = range(x.ndim) if axis is None else [axis] if isinstance(axis, int) else axis
    return {a % x.ndim for a in axes}


def _arguments(out, x, axes):
    """The arguments, and how many rows of kept axes there are; None for too many axes."""
    strides = [s // x.itemsize for s in x.strides]
    parts = []
    for inside in (False, True):
        own = [a for a in range(x.ndim) if (a in axes) == inside]
        found = _joined([x.shape[a] for a in own], [strides[a] for a in own])
        if found is None:
            return None
        parts += [size for size, _ in found] + [stride for _, stride in found]
    return [out.ctypes.data, x.ctypes.data, *parts], math.prod(parts[:3])


def _begin(start, dtype):
    """What a number begins as, which is 0 or 1, or the "least" or "most" that there is."""
    if start in "01":
        return start
    if "float" in dtype:
        return "-inf" if start == "least" else "inf"
    return f"{'min' if start == 'least' else 'max'}_{dtype}"


def _source(function, x, out, **words):
    text = kernels.text("reductions")
    join, seen, beyond = words.get("join", "{0}"), words.get("seen", "value"), words.get("beyond", "a > b")
    helpers = f"""

@helper
def JOIN(a, b):
    return {join.format("a", "b")}


@helper
def SEEN(value):
    return {seen}


@helper
def BEYOND(a, b):
    return {beyond}
"""
    begin = words.get("begin", "0")
    text = text.replace("WIDE(BEGIN)", f"{words.get('wide', stored(out.dtype))}({begin})")
    names = {"T": stored(x.dtype), "R": stored(out.dtype)}
    return source.address(source.Source(text + helpers, function, "native/kernels/reductions.kernel", **names))


def _reduction(name, join, start, wide=False, logical=False):
    """Two numbers are joined by `join`; `wide`: floats are added up in float64; `logical`: all counts that is not 0."""

    @form(name)
    def maker(out, x, axis=None, keepdims=False):
        if not out.size:
            return []
        found = _arguments(out, x, _axes(x, axis)) if x.size and out.flags.c_contiguous else None
        if found is None or x.dtype.name in ("float16", "bfloat16"):
            return None
        args, units = found
        dtype = stored(out.dtype)
        width = "float64" if wide and dtype == "float32" else dtype
        seen = f"{dtype}(1) if value != {stored(x.dtype)}(0) else {dtype}(0)" if logical else f"{dtype}(value)"
        entry = _source("reduce", x, out, join=join, seen=seen, begin=_begin(start, dtype), wide=width)
        workers = cost.workers(x.size / 2, units)
        return [NativeStep(entry, args, [x, out], units, workers=workers, name=name)]


_reduction("sum", "{0} + {1}", "0", wide=True)
_reduction("prod", "{0} * {1}", "1", wide=True)
_reduction("max", "fmax({0}, {1})", "least")
_reduction("min", "fmin({0}, {1})", "most")
_reduction("any", "{0} | {1}", "0", logical=True)
_reduction("all", "{0} & {1}", "1", logical=True)


def _finding(name, beyond):
    @form(name)
    def maker(out, x, axis, keepdims=False):
        if not out.size:
            return []
        found = _arguments(out, x, {axis % x.ndim}) if out.flags.c_contiguous else None
        if found is None or x.dtype.name in ("float16", "bfloat16"):
            return None
        entry = _source("find", x, out, beyond=beyond)
        return [NativeStep(entry, found[0], [x, out], out.size, workers=cost.workers(x.size, out.size), name=name)]


_finding("argmax", "a > b")
_finding("argmin", "a < b")
