"""Windows over an array, as arguments of the native kernels; what convolutions and pools share."""

from __future__ import annotations

import math
from typing import Any

from kerasish.backend.numpy.native import conv_slots as slots
from kerasish.backend.numpy.native import source
from kerasish.backend.numpy.native.scratch import ScratchStep
from kerasish.backend.numpy.steps import cost
from kerasish.typing import IntOrInts, TensorLike


class Windows:
    """The windows of x as rows of a matrix: the arguments of `gather`, and the sizes that decisions are made from.

    Args:
        x: array (batch, *space, channels) whose channels lie side by side.
        counts, window, strides, dilation: tuples, one int an axis of space. before: padding before.
        groups: int. lines: whether places that lie side by side in x count as one.
    """

    def __init__(
        self,
        x: TensorLike,
        counts: TensorLike,
        window: Any,
        strides: IntOrInts,
        before: Any,
        dilation: int,
        groups: int = 1,
        lines: bool = True,
    ) -> None:
        item, missing = x.itemsize, 3 - len(window)
        ones, zeros = (1,) * missing, (0,) * missing
        space, steps = ones + x.shape[1:-1], zeros + x.strides[1:-1]
        window, counts = ones + tuple(window), ones + tuple(counts)
        strides, dilation, before = ones + tuple(strides), ones + tuple(dilation), zeros + tuple(before)
        channels = x.shape[-1] // groups
        whole = lines and groups == 1 and (dilation[2] == 1 or window[2] == 1) and steps[2] == channels * item
        self.x: TensorLike = x
        self.groups: int = groups
        self.item: Any = item
        self.rows: int = len(x) * math.prod(counts)
        self.columns: Any = math.prod(window) * channels
        self.places = window[2] if whole else 1
        self.place: Any = channels * item
        self.window: Any = window
        self.lines: Any = len(x) * counts[0] * counts[1]
        pointwise = set(window) == {1} and set(strides) == {1} and not any(before) and counts == space
        self.direct = even_step(x) if pointwise else 0  # bytes from row to row
        args = self.args = [0] * slots.SLOTS
        args[slots.X], args[slots.X_BATCH] = x.ctypes.data, x.strides[0]
        for slot, values in (
            (slots.X_0, steps), (slots.SIZE_0, space), (slots.COUNT_0, counts), (slots.STRIDE_0, strides),
            (slots.BEFORE_0, before),
            (slots.DILATION_0, dilation),
        ):  # fmt: skip
            args[slot : slot + 3] = values
        args[slots.WINDOW_0], args[slots.WINDOW_1], args[slots.WINDOW_2] = (
            window[0],
            window[1],
            1 if whole else window[2],
        )
        args[slots.PLACES], args[slots.PLACE] = self.places, self.place
        args[slots.DIRECT] = self.direct
        args[slots.CHANNELS] = channels
        args[slots.COLUMNS], args[slots.ROWS], args[slots.ITEM] = self.columns * item, self.rows, item
        args[slots.GROUPS], args[slots.X_GROUP] = groups, channels * item

    def tile(self, row_bytes: Any) -> Any:
        """Rows of a tile whose gathered rows take `row_bytes` each."""
        return max(cost.TILE_ROWS, min(self.rows, cost.TILE_BYTES // max(1, row_bytes)) // 16 * 16)


def even_step(x: TensorLike) -> Any:
    """The bytes from each point of (batch, *space) to the next.

    0 where these are not equally far from one another.
    """
    axes = [(d, step) for d, step in zip(x.shape[:-1], x.strides[:-1]) if d > 1]
    if any(step != inner * d for (_, step), (d, inner) in zip(axes, axes[1:])):
        return 0
    return axes[-1][1] if axes else x.shape[-1] * x.itemsize


def add_partials(out: Any, step: Any, offset: Any, count: int) -> Any:
    """The step that adds `count` sums, at `offset` in the scratch memory of `step`, to out."""
    entry = source.address(source.from_file("convolution", "add_partials", T=out.dtype.name, INT="int64"))
    workers = cost.workers(cost.copy(out.nbytes * count), out.size)
    args = [out.ctypes.data, offset, count, out.nbytes, out.itemsize]
    return ScratchStep(
        entry, args, [out], out.size, 1, 0, scratch=step.scratch, grain=64, workers=workers, name="conv_kernel_gradient"
    )
