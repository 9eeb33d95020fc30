"""Convolutions with one filter a channel, in three directions, as steps of `native/channels.py`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from kerasish.backend.numpy import aligned
from kerasish.backend.numpy.native import conv_slots as slots
from kerasish.backend.numpy.native import source
from kerasish.backend.numpy.native.scratch import ScratchStep
from kerasish.backend.numpy.steps import cost
from kerasish.backend.numpy.steps.copies import fill_steps
from kerasish.backend.numpy.steps.epilogue import Seam
from kerasish.backend.numpy.steps.operands import copied
from kerasish.backend.numpy.steps.phases import phases
from kerasish.backend.numpy.steps.window_arguments import Windows, add_partials
from kerasish.typing import DTypeLike, IntOrInts, TensorLike


def entry(function: Callable[..., Any], dtype: DTypeLike, join: int = 0) -> Any:
    """The address of a kernel of channels.py."""
    return source.address(source.from_file("channels", function, T=dtype.name, JOIN=join, LAYOUT=slots.LAYOUT))


def forward(out: Any, x: TensorLike, kernel: Any, strides: IntOrInts, padding: str, dilation: int) -> list[Any]:
    """The steps out[..., c] = sum over the window of x[..., c] kernel[..., c]."""
    steps = []
    x, kernel = copied(steps, x, 1), copied(steps, kernel, kernel.ndim)
    windows = Windows(x, out.shape[1:-1], kernel.shape[:-2], strides, [a for a, _ in padding], dilation, lines=False)
    return [*steps, _weighted(out, windows, kernel, range(math.prod(kernel.shape[:-2])), "conv")]


def _weighted(out, windows, kernel, places, name):
    """The step; `places` are the kernel's places in the order of the window's."""
    args, item, channels = list(windows.args), windows.item, out.shape[-1]
    table = aligned.words([place * channels * item for place in places])
    args[slots.B], args[slots.PART_TABLE], args[slots.OUT] = kernel.ctypes.data, table.ctypes.data, out.ctypes.data
    args[slots.OUT_BATCH] = out.strides[0]
    args[slots.OUT_2 - len(out.shape) + 3 : slots.OUT_2 + 1] = out.strides[1:-1]
    steady = windows.args[slots.STRIDE_2] == 1 and (
        channels * item <= cost.NARROW_POINT or windows.x.nbytes <= cost.NEAR_BYTES
    )
    args[slots.TILE] = int(steady)  # four points at a time read memory in short pieces
    size = len(table) * 24 + 64
    args[slots.SCRATCH_BYTES] = size
    lines = windows.lines
    workers = cost.workers(cost.channels(windows.rows, len(table), channels, item), lines)
    args[slots.PART] = chunk = max(1, cost.OUTPUT_BYTES // (channels * item))
    seam = Seam(windows.rows, slots.EPILOGUE, slots.PART, chunk) if out.flags.c_contiguous else None
    arrays, address = [windows.x, kernel, out, table], entry("depthwise", out.dtype)
    return ScratchStep(
        address, args, arrays, lines, slots.SCRATCH, size * workers, workers=workers, name=name, seam=seam
    )


def kernel_gradient(out: Any, x: TensorLike, g: TensorLike, strides: IntOrInts, padding: str, dilation: int) -> Any:
    """The steps out[w, c] = sum over images and points of x[..., c] g[..., c]."""
    steps = []
    x, g = copied(steps, x, 1), copied(steps, g, g.ndim)
    windows = Windows(x, g.shape[1:-1], out.shape[:-2], strides, [a for a, _ in padding], dilation, lines=False)
    args, item, channels = list(windows.args), windows.item, out.shape[-1]
    args[slots.B], args[slots.LDB], args[slots.OUT] = g.ctypes.data, channels, out.ctypes.data
    workers = cost.workers(cost.channels(windows.rows, out.size // channels, channels, item), windows.lines)
    address, name = entry("depthwise_kernel_gradient", out.dtype), "conv_kernel_gradient"
    wanted = (workers - 1) * out.nbytes
    step = ScratchStep(address, args, [x, g, out], windows.lines, slots.SCRATCH, wanted, workers=workers, name=name)
    steps.append(step)
    if workers > 1:
        steps.append(add_partials(out, step, 0, workers - 1))
    return steps


def input_gradient(out: Any, g: TensorLike, kernel: Any, strides: IntOrInts, padding: str, dilation: int) -> Any:
    """The steps by which each input point gets the sum of what arrives, times the weights.

    They go phase by phase of the strides.
    """
    steps = []
    g, kernel = copied(steps, g, 1), copied(steps, kernel, kernel.ndim)
    for phase in phases(out, kernel, strides, padding, dilation):
        if not phase.places:
            steps += fill_steps(phase.out, 0.0)
            continue
        windows = Windows(
            g, phase.out.shape[1:-1], phase.window, (1,) * len(phase.window), phase.before, phase.dilation, lines=False
        )
        steps.append(_weighted(phase.out, windows, kernel, phase.places, "conv_input_gradient"))
    return steps
