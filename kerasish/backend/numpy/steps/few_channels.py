"""Convolutions of images with few channels as steps of `native/few_channels.py`."""

from __future__ import annotations

from typing import Any

from kerasish.backend.numpy.native import conv_slots as slots
from kerasish.backend.numpy.native import source
from kerasish.backend.numpy.native.scratch import ScratchStep
from kerasish.backend.numpy.steps import cost
from kerasish.backend.numpy.steps.epilogue import Seam
from kerasish.backend.numpy.steps.window_arguments import add_partials
from kerasish.typing import TensorLike


def pays(windows: Any, filters: int) -> Any:
    """Whether to gather the windows costs more than to multiply, and the filters fill pairs of vectors.

    The first is so where the windows are narrow.
    """
    narrow = (
        windows.groups == 1
        and windows.places == windows.window[2]
        and windows.place <= cost.FEW_CHANNELS * windows.item
    )
    return (
        narrow and not windows.direct and filters % (128 // windows.item) == 0 and windows.columns <= cost.FEW_COLUMNS
    )


def _entry(function, dtype):
    return source.address(source.from_file("few_channels", function, T=dtype.name, LAYOUT=slots.LAYOUT))


def _step(function, name, windows, args, arrays, wanted, seam=None):
    item, filters = windows.item, args[slots.FILTERS]
    workers = cost.workers(cost.product(windows.rows, windows.columns, filters, item), windows.lines)
    entry = _entry(function, windows.x.dtype)
    return ScratchStep(
        entry, args, arrays, windows.lines, slots.SCRATCH, wanted * (workers - 1), workers=workers, name=name, seam=seam
    )


def forward(out: Any, windows: Any, kernel: Any) -> Any:
    """The step of a convolution."""
    args, filters = list(windows.args), out.shape[-1]
    args[slots.B], args[slots.OUT], args[slots.FILTERS], args[slots.TILE] = (
        kernel.ctypes.data,
        out.ctypes.data,
        filters,
        cost.TILE_ROWS,
    )
    seam = Seam(windows.rows, slots.EPILOGUE, slots.TILE, cost.TILE_ROWS)
    return _step("convolve", "conv", windows, args, [windows.x, kernel, out], 0, seam)


def kernel_gradient(out: Any, windows: Any, g: TensorLike) -> list[Any]:
    """The steps of the kernel's gradient."""
    args = list(windows.args)
    args[slots.B], args[slots.OUT], args[slots.FILTERS] = g.ctypes.data, out.ctypes.data, out.shape[-1]
    step = _step("kernel_gradient", "conv_kernel_gradient", windows, args, [windows.x, g, out], out.nbytes)
    return [step, add_partials(out, step, 0, step.workers - 1)] if step.workers > 1 else [step]
