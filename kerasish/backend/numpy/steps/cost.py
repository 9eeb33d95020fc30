"""The rules by which heavy steps choose how to go about their work: every number that was measured stands here.

Measured on AMD Zen 4 (1 MB of second-level cache a core, 32 MB of third level), OpenBLAS 0.3.31, one thread. Whole
models, in docs/performance.md, ran by these rules on Zen 4 and 5.
"""

from __future__ import annotations

from typing import Any

from kerasish.backend.numpy.team.count import size
from kerasish.typing import IntOrInts

SHARED_FROM = (
    20_000.0  # nanoseconds of work from which a step is shared: to wake the team and to meet costs a few thousand
)
FLOPS = 100.0  # floating-point operations a nanosecond of one core's matrix product in float32
BYTES = 8.0  # bytes a nanosecond that one core copies
TILE_BYTES = 1 << 20  # of gathered windows: the product follows while they are in the second-level cache
TILE_ROWS = 256  # but at least so many rows, or each product would spend its time on packing the kernel
PART_BYTES = 4 << 20  # a tile of that many rows may take so much, before its columns are multiplied part by part
OUTPUT_BYTES = 1 << 19  # of a product's rows that an epilogue follows on
FEW_ROWS = 192  # a product of fewer rows is shared by columns
# an input gradient with so many filters takes the kernel as it lies, place by place; else it is turned round first
WIDE_FILTERS = 128
LONG_SUM_BYTES = (
    1 << 17
)  # a product of thousands of terms with so small a result is shared by terms, as a kernel gradient is
PARTIAL_BYTES = 1 << 20  # a kernel gradient up to this size is summed up by every worker for itself
NARROW_POINT, NEAR_BYTES = (
    256,
    8 << 20,
)  # depthwise: points of so few bytes, or images in so few bytes, are done four at a time
# vectors of 64 bytes in a block of filters: how many points go with them. On Zen 5 sums in 16 such registers run as
# fast as in 24, and divide more lines into whole blocks; where registers are shorter, a vector takes two of 16
WIDE_BLOCKS, NARROW_BLOCKS = {4: 4, 2: 8, 3: 5, 1: 8}, {1: 6}
WIDE_SUMS = 24  # vectors of a block, at most, where the points don't suit
DIRECT_USED = 0.45  # of a block's sums, at least, should count; else windows are gathered
DIRECT_WEIGHTS = 1 << 19  # bytes of a block's weights, which are read anew for each block of points
DIRECT_IMAGE = 1 << 23  # bytes of an image that a worker copies with its padding
DIRECT_TILE = 1 << 18  # of g, which all blocks of the kernel's gradient read
WINOGRAD_TILES = 96  # are multiplied at a time, or more that take
WINOGRAD_BYTES = 1 << 20
WINOGRAD_GAIN = 0.8  # where it promises to take less than this share of the time of a product of gathered windows

_forced = None


def workers(nanoseconds: Any, units: int) -> Any:
    """How many workers share a step of so much work and so many units."""
    if _forced is not None:
        return max(1, min(_forced, units))
    return 1 if nanoseconds < SHARED_FROM else max(1, min(size(), units))


class forced_workers:
    """`with forced_workers(3):` steps bound inside are shared by so many workers, whatever their size. For tests."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __enter__(self) -> Any:
        global _forced
        self.before: Any = _forced
        _forced = self.count

    def __exit__(self, *_: Any) -> None:
        global _forced
        _forced = self.before


def product(rows: Any, inner: Any, columns: Any, itemsize: Any) -> Any:
    """Nanoseconds of a matrix product."""
    return (
        2.0 * rows * inner * columns / FLOPS * (itemsize / 4)
        + itemsize * (rows * inner + inner * columns + rows * columns) / BYTES / 4
    )


def copy(size: IntOrInts) -> Any:
    """Nanoseconds to copy `size` bytes."""
    return 2 * size / BYTES


def channels(rows: Any, places: Any, channels: Any, itemsize: Any) -> Any:
    """Nanoseconds of a kernel that goes from point to point, with so many places at each."""
    return rows * (10 + places * (2 + channels * itemsize / 80))


def winograd(tiles: Any, channels: Any, filters: int) -> Any:
    """Nanoseconds of a 3 x 3 convolution by Winograd's algorithm.

    Products of 36 planes, transforms of tiles and of the kernel.
    """
    products = 72.0 * tiles * channels * filters / FLOPS * (1 + 8 / min(channels, filters) + 10 / tiles)
    return products + 2.0 * tiles * (channels + filters) + 36 * 2 * channels * filters / BYTES
