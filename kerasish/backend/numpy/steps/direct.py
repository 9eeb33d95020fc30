"""Convolutions straight from the image, as steps of `native/kernels/direct.kernel`.

A block of points and filters is summed up in registers over the whole window, so that windows are never gathered.
"""

from __future__ import annotations

from typing import Any

from kerasish.backend.numpy.native import conv_slots as slots
from kerasish.backend.numpy.native import source
from kerasish.backend.numpy.native.available import has_wide_registers
from kerasish.backend.numpy.native.scratch import ScratchStep
from kerasish.backend.numpy.steps import cost
from kerasish.backend.numpy.steps.epilogue import Seam
from kerasish.backend.numpy.steps.window_arguments import Windows, add_partials, even_step
from kerasish.typing import TensorLike

_VECTOR = 64  # bytes


def _blocks():
    """From the vectors of filters of a block to its rows: as many sums as there are registers for."""
    return cost.WIDE_BLOCKS if has_wide_registers() else cost.NARROW_BLOCKS


def _used(size, part):
    """Which share of the work counts where `size` is done in parts of one size."""
    return size / (-(-size // part) * part)


def block(windows: Windows, filters: int, points: int) -> tuple[int, int] | None:
    """(points, vectors of filters) of the blocks by which a convolution with lines of so many points is done.

    None where windows should be gathered.
    """
    return _best(windows, filters, lambda vectors, across, rows: points >= rows and _used(points, rows))


def block_of_kernel(windows: Windows, filters: int) -> tuple[int, int] | None:
    """(places of a window, vectors of filters) of the blocks of the kernel's gradient; or None."""
    found = _best(windows, filters, lambda vectors, across, rows: vectors % across == 0)
    if found is None:
        return None
    rows, across = found
    run = windows.places * windows.place // windows.item
    if run % rows:  # what is left over is done place by place: sums that wait for one another
        rows = max((r for r in range(2, _registers(across) + 1) if run % r == 0), default=rows)
    return rows, across


def _registers(across):
    """The most rows of so many vectors that LLVM finds registers for."""
    return cost.WIDE_SUMS // across if has_wide_registers() else cost.NARROW_BLOCKS[across]


def _best(windows, filters, share):
    """The form whose sums count most; `share`: function from (vectors, across, rows) to which share of rows does."""
    if windows.groups > 1 or windows.direct or not _fits(windows):
        return None
    vectors, best, found = filters * windows.item / _VECTOR, cost.DIRECT_USED, None
    for across, rows in _blocks().items():
        if vectors < across > 1 or windows.columns * across * _VECTOR > cost.DIRECT_WEIGHTS:
            continue
        used = _used(vectors, across) * share(vectors, across, rows)
        if used > best:
            best, found = used, (rows, across)
    return found


def _fits(windows):
    """Whether lines of x lie so that they can be read, or copied with their padding."""
    args = windows.args
    lines = args[slots.SIZE_0] * args[slots.SIZE_1]
    side_by_side = args[slots.X_2] == windows.place or args[slots.SIZE_2] == 1
    return side_by_side and lines * _span(windows) <= cost.DIRECT_IMAGE


def _span(windows):
    """Bytes of the points of a line that its windows see."""
    args = windows.args
    reach = (windows.window[2] - 1) * args[slots.DILATION_2] + 1
    return ((args[slots.COUNT_2] - 1) * args[slots.STRIDE_2] + reach) * windows.place


def _arguments(windows, kernel, out, filters):
    """The arguments, and the bytes of scratch memory of a worker."""
    args, span = list(windows.args), _span(windows)
    args[slots.WINDOW_0] = windows.window[0]
    args[slots.B], args[slots.OUT], args[slots.FILTERS] = kernel.ctypes.data, out.ctypes.data, filters
    before = args[slots.BEFORE_2] * windows.place
    is_padded = before > 0 or span - before > args[slots.SIZE_2] * windows.place
    args[slots.SPAN] = span if is_padded else 0
    args[slots.SCRATCH_BYTES] = -(-args[slots.SPAN] * args[slots.SIZE_0] * args[slots.SIZE_1] // 64) * 64
    return args, args[slots.SCRATCH_BYTES]


def entry(function: str, dtype: str, form: tuple[int, int], part: bool = False) -> int:
    """The address of a kernel for blocks of a form; `part`: of one vector that is not full."""
    rows, across = form
    return source.address(
        source.from_file("direct", function, T=dtype, ROWS=rows, ACROSS=across, PART=int(part), LAYOUT=slots.LAYOUT)
    )


def forward(out: Any, windows: Windows, kernel: Any, form: tuple[int, int], name: str = "conv") -> Any:
    """The step of a convolution by blocks of a `form`; the channels of `out` lie side by side."""
    filters = out.shape[-1]
    args, wanted = _arguments(windows, kernel, out, filters)
    args[slots.OUT_BATCH] = out.strides[0]
    args[slots.OUT_2 - len(out.shape) + 3 : slots.OUT_2 + 1] = out.strides[1:-1]
    args[slots.TILE] = windows.rows
    workers = cost.workers(cost.product(windows.rows, windows.columns, filters, windows.item), windows.lines)
    tile = max(cost.TILE_ROWS, cost.OUTPUT_BYTES // (filters * windows.item))
    seam = Seam(windows.rows, slots.EPILOGUE, slots.TILE, tile) if even_step(out) else None
    address = entry("convolve", windows.x.dtype.name, form, filters * windows.item < _VECTOR)
    how = dict(workers=workers, name=name, seam=seam)
    return ScratchStep(address, args, [windows.x, kernel, out], windows.lines, slots.SCRATCH, wanted * workers, **how)


def kernel_gradient(out: Any, windows: Windows, g: TensorLike, form: tuple[int, int]) -> list[Any]:
    """The steps of the kernel's gradient by blocks of a `form`."""
    filters = out.shape[-1]
    args, wanted = _arguments(windows, g, out, filters)
    args[slots.TILE] = max(1, cost.DIRECT_TILE // (args[slots.COUNT_2] * filters * windows.item))
    workers = cost.workers(cost.product(windows.rows, windows.columns, filters, windows.item), windows.lines)
    args[slots.PARTIALS] = wanted * workers
    step = ScratchStep(
        entry("kernel_gradient", windows.x.dtype.name, form), args, [windows.x, g, out], windows.lines, slots.SCRATCH,
        wanted * workers + out.nbytes * (workers - 1), workers=workers, name="conv_kernel_gradient",
    )  # fmt: skip
    return [step, add_partials(out, step, wanted * workers, workers - 1)] if workers > 1 else [step]
