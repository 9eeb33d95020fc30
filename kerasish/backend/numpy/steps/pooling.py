"""Pools and their gradients as steps of `native/channels.py`."""

from __future__ import annotations

import math
from typing import Any

from kerasish.backend.numpy.native import conv_slots as slots
from kerasish.backend.numpy.native.scratch import ScratchStep
from kerasish.backend.numpy.steps import cost, native_steps
from kerasish.backend.numpy.steps.depthwise import entry
from kerasish.backend.numpy.steps.operands import copied
from kerasish.backend.numpy.steps.window_arguments import Windows
from kerasish.typing import IntOrInts, ShapeLike, TensorLike

_CHANNELS = 64  # of a unit of a gradient, where there are fewer images than workers


def _is_plain(out, *arrays):
    return (
        out.dtype.name in ("float32", "float64")
        and out.flags.c_contiguous
        and all(a.size and a.dtype == out.dtype for a in (out, *arrays))
    )


def _windows(x, counts, window, strides, padding):
    return Windows(x, counts, window, strides, [a for a, _ in padding], (1,) * len(window), lines=False)


def _pool(name, join):
    @native_steps(name)
    def maker(out, x, window, strides, padding):
        if not _is_plain(out, x):
            return None
        steps = []
        x = copied(steps, x, 1)
        windows = _windows(x, out.shape[1:-1], window, strides, padding)
        args = list(windows.args)
        args[slots.OUT], args[slots.OUT_2] = out.ctypes.data, out.strides[-2]
        step = _step("pool", name, join, windows, args, windows.lines, [x, out])
        return [*steps, step] if steps else step

    return maker


def _step(function, name, join, windows, args, units, keep):
    places = math.prod(windows.window)
    size = args[slots.SCRATCH_BYTES] = places * 16 + 64
    workers = cost.workers(cost.channels(windows.rows, places, args[slots.CHANNELS], windows.item), units)
    return ScratchStep(
        entry(function, windows.x.dtype, join),
        args,
        keep,
        units,
        slots.SCRATCH,
        size * workers,
        workers=workers,
        name=name,
    )


_pool("max_pool", 1)
_pool("sum_pool", 0)


@native_steps("max_pool_gradient")
def max_pool_gradient(
    out: Any, x: TensorLike, y: TensorLike, g: TensorLike, window: Any, strides: IntOrInts, padding: str
) -> Any:
    """What arrives for a window goes to its first maximum."""
    if not _is_plain(out, x, y, g):
        return None
    steps = []
    x, y, g = (copied(steps, a, a.ndim) for a in (x, y, g))
    windows = _windows(x, y.shape[1:-1], window, strides, padding)
    args, channels = list(windows.args), x.shape[-1]
    block = channels if len(x) >= cost.workers(1e9, 1 << 30) or channels <= _CHANNELS else _CHANNELS
    args[slots.B], args[slots.PARTS], args[slots.OUT], args[slots.TILE] = (
        y.ctypes.data,
        g.ctypes.data,
        out.ctypes.data,
        block,
    )
    step = _step(
        "max_pool_gradient", "max_pool_gradient", 0, windows, args, len(x) * -(-channels // block), [x, y, g, out]
    )
    return [*steps, step] if steps else step


@native_steps("sum_pool_gradient")
def sum_pool_gradient(
    out: Any, g: TensorLike, window: Any, strides: IntOrInts, padding: str, input_shape: ShapeLike
) -> Any:
    """Each point of a window gets what arrives for it."""
    if not _is_plain(out, g):
        return None
    steps = []
    g = copied(steps, g, g.ndim)
    windows = _windows(out, g.shape[1:-1], window, strides, padding)
    args = list(windows.args)
    args[slots.B], args[slots.OUT] = g.ctypes.data, out.ctypes.data
    lines = len(out) * args[slots.SIZE_0] * args[slots.SIZE_1]
    step = _step("sum_pool_gradient", "sum_pool_gradient", 0, windows, args, lines, [g, out])
    return [*steps, step] if steps else step
