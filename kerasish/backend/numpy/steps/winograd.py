"""Convolutions with windows of 3 x 3 and strides 1 as steps of `native/winograd.py`.

Used where that is faster than to gather windows.

Its rounding errors are three to four times those of sums, and they are a few 1e-6 of the largest number in the tile,
not of each output: tiles of 4 x 4 outputs are made of sums and differences of the 6 x 6 points that they see. So a NaN,
an infinity or one enormous number in x reaches all outputs of the tiles that see it, not only those whose windows hold
it (docs/performance.md). KERASISH_WINOGRAD=0 does without.
"""

from __future__ import annotations

from typing import Any

from kerasish.backend.numpy import aligned
from kerasish.backend.numpy.native import source
from kerasish.backend.numpy.native import winograd_slots as slots
from kerasish.backend.numpy.native.available import is_on
from kerasish.backend.numpy.native.scratch import ScratchStep
from kerasish.backend.numpy.steps import cost
from kerasish.backend.numpy.steps.copies import copy_steps
from kerasish.backend.numpy.steps.epilogue import Seam
from kerasish.backend.numpy.steps.operands import product
from kerasish.typing import IntOrInts, ShapeLike, TensorLike

_SMALL = 2304 + 320  # bytes of a worker's tile and table
_KERNEL_SCRATCH = 1536  # bytes of a worker's tile of a kernel


def pays(x: TensorLike, y: TensorLike, kernel_shape: ShapeLike, strides: IntOrInts, dilation: int, groups: int) -> Any:
    """Whether to use it for windows over x that make y (or: whose gradient is y)."""
    if (
        kernel_shape[:-2] != (3, 3)
        or {*strides, *dilation, groups} != {1}
        or x.dtype.name != "float32"
        or not is_on("KERASISH_WINOGRAD")
    ):
        return False
    channels, filters = kernel_shape[-2:]
    if channels % 16 or filters % 16 or not y.flags.c_contiguous:  # of x only the channels must lie side by side
        return False
    tiles = len(y) * -(-y.shape[1] // 4) * -(-y.shape[2] // 4)
    return cost.winograd(tiles, channels, filters) < cost.WINOGRAD_GAIN * cost.product(
        y.size // y.shape[-1], 9 * channels, filters, 4
    )


def _entry(function, names):
    return source.address(source.from_file("winograd", function, INT=names["INT"], LAYOUT=slots.LAYOUT))


class _Tiles:
    """Arguments and sizes that all directions share: tiles of x with `before` points of padding, and of y."""

    def __init__(self, x, y, before):
        self.channels, self.filters = x.shape[-1], y.shape[-1]
        self.address, self.names = product(x.dtype)
        rows, across = -(-y.shape[1] // 4), -(-y.shape[2] // 4)
        self.units = len(y) * rows
        args = self.args = [0] * slots.SLOTS
        args[slots.X : slots.CHANNELS + 1] = x.ctypes.data, *x.strides[:-1], *x.shape[1:3], *before, self.channels
        args[slots.Y : slots.FILTERS + 1] = y.ctypes.data, *y.strides[:-1], *y.shape[1:3], self.filters
        args[slots.TILES_1], args[slots.TILES_2], args[slots.GEMM] = rows, across, self.address
        one = 36 * 4 * (self.channels + self.filters)
        block = max(cost.WINOGRAD_TILES, cost.WINOGRAD_BYTES // one)
        args[slots.BLOCK] = block = max(1, min(self.units, block // across))
        self.bytes = -(-(block * across * one + 72 * 64 + 4 * (self.channels + self.filters) + _SMALL) // 64) * 64
        args[slots.SCRATCH_BYTES] = self.bytes
        nanoseconds = cost.winograd(self.units * across, self.channels, self.filters)
        self.workers = cost.workers(nanoseconds, self.units)


def _convolution(out, x, kernel, before, name):
    channels, filters = kernel.shape[-2:]
    tiles = _Tiles(x, out, before)
    plane = channels * filters * 4 + 64
    workers = cost.workers(cost.copy(36 * plane), channels)
    first = -(-workers * _KERNEL_SCRATCH // 64) * 64
    args = list(tiles.args)
    args[slots.U], args[slots.U_PLANE], args[slots.KERNEL], args[slots.SCRATCH_FIRST] = (
        first,
        plane,
        kernel.ctypes.data,
        first + 36 * plane,
    )
    entry = _entry("transform_kernel", tiles.names)
    transform = ScratchStep(
        entry, list(args), [kernel], channels, slots.SCRATCH, first + 36 * plane, workers=workers, name=name
    )
    seam = Seam(out.size // out.shape[-1], slots.EPILOGUE, slots.BLOCK, args[slots.BLOCK])
    convolve = ScratchStep(
        _entry("convolve", tiles.names), args, [x, kernel, out], tiles.units, slots.SCRATCH,
        first + 36 * plane + tiles.workers * tiles.bytes,
        scratch=transform.scratch, workers=tiles.workers, name=name, seam=seam,
    )  # fmt: skip
    return [transform, convolve]


def forward(out: Any, x: TensorLike, kernel: Any, before: Any) -> Any:
    """The steps of a convolution."""
    return _convolution(out, x, kernel, before, "conv")


def input_gradient(out: Any, g: TensorLike, kernel: Any, before: Any) -> list[Any]:
    """The steps of the convolution of g with the flipped kernel; `before`: the padding of g."""
    turned = aligned.empty((3, 3, kernel.shape[-1], kernel.shape[-2]), kernel.dtype)
    name = "conv_input_gradient"
    return [*copy_steps(turned, kernel[::-1, ::-1].swapaxes(-1, -2), name), *_convolution(out, g, turned, before, name)]


def kernel_gradient(out: Any, x: TensorLike, g: TensorLike, before: Any) -> list[Any]:
    """The steps of the kernel's gradient: sums in the planes, then transformed."""
    tiles = _Tiles(x, g, before)
    plane = out.shape[-2] * out.shape[-1] * 4 + 64
    workers = cost.workers(cost.copy(36 * plane * tiles.workers), out.shape[-2])
    first = -(-workers * _KERNEL_SCRATCH // 64) * 64
    args, name = tiles.args, "conv_kernel_gradient"
    args[slots.U], args[slots.U_PLANE], args[slots.SCRATCH_FIRST] = first, plane, first + 36 * plane * tiles.workers
    args[slots.KERNEL], args[slots.PARTS] = out.ctypes.data, tiles.workers
    size = args[slots.SCRATCH_FIRST] + tiles.workers * tiles.bytes
    sums = ScratchStep(
        _entry("kernel_gradient", tiles.names),
        args,
        [x, g, out],
        tiles.units,
        slots.SCRATCH,
        size,
        workers=tiles.workers,
        name=name,
    )
    entry = _entry("transform_gradient", tiles.names)
    return [
        sums,
        ScratchStep(
            entry,
            list(args),
            [out],
            out.shape[-2],
            slots.SCRATCH,
            size,
            scratch=sums.scratch,
            workers=workers,
            name=name,
        ),
    ]
