"""Convolutions of several channels a group, in three directions, as steps of `native/kernels/convolution.kernel`."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.numpy import aligned, blueprint
from kerasish.backend.numpy.native import conv_slots as slots
from kerasish.backend.numpy.native import source
from kerasish.backend.numpy.native.products import is_own
from kerasish.backend.numpy.native.scratch import ScratchStep
from kerasish.backend.numpy.steps import cost, depthwise, direct, native_steps, winograd
from kerasish.backend.numpy.steps.copies import copy_steps, fill_steps
from kerasish.backend.numpy.steps.epilogue import Seam
from kerasish.backend.numpy.steps.operands import copied, product
from kerasish.backend.numpy.steps.phases import phases
from kerasish.backend.numpy.steps.window_arguments import Windows, add_partials, even_step
from kerasish.typing import DTypeLike, IntOrInts, ShapeLike, TensorLike


def is_plain(dtype: DTypeLike, *arrays: Any) -> bool:
    """Whether native steps do these arrays: one dtype that BLAS has, nothing empty."""
    return product(dtype) is not None and all(a.dtype == dtype and a.size for a in arrays)


@native_steps("conv")
def conv(out: Any, x: TensorLike, kernel: Any, strides: IntOrInts, padding: str, dilation: int, groups: int) -> Any:
    """`out` = windows of x @ kernel."""
    if not is_plain(out.dtype, out, x, kernel) or not out.flags.c_contiguous:
        return None
    if groups > 1 and groups == x.shape[-1]:
        if out.shape[-1] == groups:
            return depthwise.forward(out, x, kernel, strides, padding, dilation)
        if blueprint.current() is None and not is_own():  # NumPy's calls are the faster ones
            return None
    steps = []
    x, kernel = copied(steps, x, 1), copied(steps, kernel, kernel.ndim)
    before = [a for a, _ in padding]
    if winograd.pays(x, out, kernel.shape, strides, dilation, groups):
        return [*steps, *winograd.forward(out, x, kernel, before)]
    windows = Windows(x, out.shape[1:-1], kernel.shape[:-2], strides, before, dilation, groups)
    form = direct.block(windows, out.shape[-1], out.shape[-2])
    if form is not None:
        return _joined(steps, direct.forward(out, windows, kernel, form))
    parts = _whole_parts(windows, windows.places * windows.place)
    return _joined(steps, _product(windows, kernel, out, out.shape[-1] // groups, parts, kernel.shape[-1], False))


def _whole_parts(windows, line):
    """(bytes of a part, row of the kernel where each part begins).

    All columns at once, or so many lines that a tile of enough rows fits.
    """
    total = windows.columns * windows.item
    count = 1 if windows.direct else -(-total // max(line, cost.PART_BYTES // cost.TILE_ROWS // line * line))
    part = -(-(total // line) // count) * line
    return part, [start // windows.item for start in range(0, total, part)]


def _product(windows, kernel, out, filters, parts, ldb, transposed, name="conv", places=None):
    """The step that multiplies.

    `parts`: (bytes of a part, element of the kernel's row where each begins); `places`: bytes where each begins, if
    other.
    """
    address, names = product(out.dtype)
    args, item, groups = list(windows.args), windows.item, windows.groups
    part, rows_of_parts = parts
    table = aligned.words(places if places is not None else [row * ldb * item for row in rows_of_parts])
    spacing = even_step(out)
    args[slots.B], args[slots.B_GROUP], args[slots.LDB], args[slots.TRANSPOSED] = (
        kernel.ctypes.data,
        kernel.shape[-1] // groups * item,
        ldb,
        int(transposed),
    )
    args[slots.PARTS], args[slots.PART], args[slots.PART_TABLE] = len(table), part, table.ctypes.data
    args[slots.FILTERS], args[slots.OUT], args[slots.LDC] = filters, out.ctypes.data, spacing // item
    args[slots.OUT_BATCH] = out.strides[0]
    args[slots.OUT_2 - len(out.shape) + 3 : slots.OUT_2 + 1] = out.strides[1:-1]
    nanoseconds = cost.product(windows.rows, windows.columns, filters * groups, item)
    workers = cost.workers(nanoseconds, windows.rows)
    by_columns = groups == 1 and windows.rows < cost.FEW_ROWS * workers and filters >= 32 * workers
    row_bytes = filters * item * groups * cost.TILE_BYTES // cost.OUTPUT_BYTES if windows.direct else part
    tile = windows.tile(row_bytes)
    seam = None if by_columns or not spacing else Seam(windows.rows, slots.EPILOGUE, slots.TILE, tile)
    tile = windows.rows if windows.direct and seam else tile
    largest = min(tile + 16, windows.rows + 16)
    gathered = 0 if windows.direct else -(-largest * part // 64) * 64
    size = gathered + (0 if spacing else largest * filters * item)
    args[slots.TILE], args[slots.BY_COLUMNS] = tile, int(by_columns)
    args[slots.SCRATCH_BYTES], args[slots.SCRATCH_OUT], args[slots.GEMM] = size, gathered, address
    entry = source.address(source.from_file("convolution", "convolve", LAYOUT=slots.LAYOUT, **names))
    units, grain = (filters, 16) if by_columns else (windows.rows, 16)
    keep = [windows.x, kernel, out, table]
    return ScratchStep(
        entry, args, keep, units, slots.SCRATCH, size * workers, grain=grain, workers=workers, name=name, seam=seam
    )


def _joined(steps, step):
    return [*steps, step] if steps else step


@native_steps("conv_kernel_gradient")
def conv_kernel_gradient(
    out: Any,
    x: TensorLike,
    g: TensorLike,
    strides: IntOrInts,
    padding: str,
    dilation: int,
    groups: int,
    kernel_shape: ShapeLike,
) -> Any:
    """`out` = (windows of x)^T @ g, added up over tiles of rows."""
    if not is_plain(out.dtype, out, x, g) or not out.flags.c_contiguous:
        return None
    if groups > 1 and groups == x.shape[-1]:
        return depthwise.kernel_gradient(out, x, g, strides, padding, dilation) if g.shape[-1] == groups else None
    steps = []
    x, g = copied(steps, x, 1), copied(steps, g, g.ndim)
    before = [a for a, _ in padding]
    if winograd.pays(x, g, kernel_shape, strides, dilation, groups):
        return [*steps, *winograd.kernel_gradient(out, x, g, before)]
    windows = Windows(x, g.shape[1:-1], kernel_shape[:-2], strides, before, dilation, groups)
    form = direct.block_of_kernel(windows, out.shape[-1])
    if form is not None:
        return [*steps, *direct.kernel_gradient(out, windows, g, form)]
    address, names = product(out.dtype)
    args, item, filters = list(windows.args), windows.item, out.shape[-1]
    workers = cost.workers(cost.product(windows.rows, windows.columns, filters, item), windows.rows)
    partials = out.nbytes <= cost.PARTIAL_BYTES or windows.columns < 16 * workers
    by_columns = workers > 1 and not partials
    width = -(-windows.columns // workers) + 16 if by_columns else windows.columns
    tile = windows.rows if windows.direct else windows.tile(width * item)
    size = 0 if windows.direct else -(-min(tile + 16, windows.rows + 16) * width * item // 64) * 64
    args[slots.B], args[slots.B_GROUP], args[slots.LDB] = g.ctypes.data, filters // groups * item, filters
    args[slots.FILTERS], args[slots.OUT], args[slots.LDC] = filters // groups, out.ctypes.data, filters
    args[slots.TILE], args[slots.BY_COLUMNS] = tile, int(by_columns)
    args[slots.SCRATCH_BYTES], args[slots.PARTIALS], args[slots.GEMM] = size, size * workers, address
    entry = source.address(source.from_file("convolution", "kernel_gradient", LAYOUT=slots.LAYOUT, **names))
    units = windows.columns if by_columns else windows.rows
    wanted = size * workers + (0 if by_columns else (workers - 1) * out.nbytes)
    step = ScratchStep(
        entry, args, [x, g, out], units, slots.SCRATCH, wanted, grain=16, workers=workers, name="conv_kernel_gradient"
    )
    steps.append(step)
    if workers > 1 and not by_columns:
        steps.append(add_partials(out, step, size * workers, workers - 1))
    return steps if len(steps) > 1 else step


@native_steps("conv_input_gradient")
def conv_input_gradient(
    out: Any,
    g: TensorLike,
    kernel: Any,
    strides: IntOrInts,
    padding: str,
    dilation: int,
    groups: int,
    input_shape: ShapeLike,
) -> Any:
    """For each phase of the strides, a convolution of g with the places of the kernel that reach it.

    Gathered, never scattered.
    """
    if not is_plain(out.dtype, out, g, kernel) or not out.flags.c_contiguous:
        return None
    if groups > 1 and groups == out.shape[-1]:
        return depthwise.input_gradient(out, g, kernel, strides, padding, dilation) if g.shape[-1] == groups else None
    steps = []
    g, kernel = copied(steps, g, 1), copied(steps, kernel, kernel.ndim)
    if winograd.pays(g, out, kernel.shape, strides, dilation, groups):
        return [*steps, *winograd.input_gradient(out, g, kernel, [2 - a for a, _ in padding])]
    for phase in phases(out, kernel, strides, padding, dilation):
        steps += _phase_steps(phase, g, kernel, groups)
    return steps if len(steps) > 1 else steps[0]


def _phase_steps(phase, g, kernel, groups):
    item, filters, taken = g.itemsize, kernel.shape[-1], kernel.shape[-2]
    if not phase.places:
        return fill_steps(phase.out, 0.0)
    windows = Windows(
        g, phase.out.shape[1:-1], phase.window, (1,) * len(phase.window), phase.before, phase.dilation, groups
    )
    form = direct.block(windows, taken, phase.out.shape[-2])
    if form is None and (filters // groups >= cost.WIDE_FILTERS or len(phase.places) == 1):
        parts = filters // groups * item, None
        places = [place * taken * filters * item for place in phase.places]
        return [_product(windows, kernel, phase.out, taken, parts, filters, True, "conv_input_gradient", places)]
    turned = aligned.empty((len(phase.places), filters // groups, groups * taken), g.dtype)
    view = phase.kernel.reshape(*phase.kernel.shape[:-1], groups, filters // groups)
    steps = copy_steps(
        turned.reshape(*phase.window, filters // groups, groups, taken), np.moveaxis(view, -1, -3).swapaxes(-1, -2)
    )
    if form is not None:
        return [*steps, direct.forward(phase.out, windows, turned, form, "conv_input_gradient")]
    parts = _whole_parts(windows, windows.places * windows.place)
    return [*steps, _product(windows, turned, phase.out, taken, parts, groups * taken, False, "conv_input_gradient")]
