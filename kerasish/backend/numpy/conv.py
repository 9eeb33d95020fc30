"""NumPy kernels of `primitives/conv.py`.

Windows are gathered into the rows of a matrix, tile by tile, and multiplied by BLAS.

Kernels with one channel a group are in `depthwise.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.numpy import depthwise
from kerasish.backend.numpy.windows import copying, cropped, filling, windows
from kerasish.backend.numpy.workspace import planned
from kerasish.backend.primitives.windows import common_parts, offsets, point, sizes_of
from kerasish.typing import IntOrInts, ShapeLike, TensorLike

_TILE = (
    1 << 22
)  # bytes of gathered windows: a product follows while they are in the cache; BLAS wakes its threads for each
_ROWS = 384  # but at least so many rows, or each product would spend its time on loading the kernel
_LARGEST_TILE = 1 << 25


def staged(plan: Any) -> Any:
    """Operands as the plans want them: contiguous."""

    def with_twins(take, out, *inputs, **attributes):
        calls, ready = [], []
        for x in inputs:
            twin = x
            if not x.flags.c_contiguous:
                twin = take(x.shape, x.dtype)
                calls.append(copying(twin, x))
            ready.append(twin)
        return calls + plan(take, out, *ready, **attributes)

    return with_twins


def _tiles(images, rows, row_bytes, columns_bytes):
    """Pairs of slices (of the batch, of the first axis of space): several whole images, or some rows of one."""
    budget = min(max(_TILE, _ROWS * columns_bytes), _LARGEST_TILE)
    per_image = rows * row_bytes
    if not images or not per_image:
        return []
    if per_image <= budget:
        size = budget // per_image
        return [(slice(i, min(i + size, images)), slice(0, rows)) for i in range(0, images, size)]
    size = max(1, budget // row_bytes)
    size = -(-rows // -(-rows // size))  # tiles of nearly one size
    return [(slice(i, i + 1), slice(r, min(r + size, rows))) for i in range(images) for r in range(0, rows, size)]


class Patches:
    """The windows of x as the rows of matrices.

    Iterating gives, for each tile, (images, rows, calls, matrix): after `calls` the matrix (M, K), or (groups, M, K /
    groups), holds the windows of these images and rows of windows.
    """

    def __init__(
        self,
        take: Any,
        x: TensorLike,
        counts: TensorLike,
        window: Any,
        strides: IntOrInts,
        padding: str,
        dilation: int,
        groups: int,
    ) -> None:
        self.x: TensorLike = x
        self.counts: TensorLike = counts
        self.window: Any = window
        self.groups: int = groups
        self.strides: tuple[int, ...] = strides
        self.padding: str = padding
        self.dilation: int = dilation
        columns = int(np.prod(window)) * x.shape[-1]
        row = int(np.prod(counts[1:]))
        self.tiles = _tiles(x.shape[0], counts[0], row * columns * x.itemsize, columns * x.itemsize)
        largest = max([(i.stop - i.start) * (r.stop - r.start) for i, r in self.tiles], default=0)
        self.buffer: Any = take((largest * row * columns,), x.dtype)
        self.padded = None
        if any(a > 0 or b > 0 for a, b in padding):
            images = max([i.stop - i.start for i, _ in self.tiles], default=0)
            self.padded = take((images, *sizes_of(x.shape[1:-1], padding), x.shape[-1]), x.dtype)

    def __iter__(self) -> Iterator[Any]:
        calls = [] if self.padded is None else [filling(self.padded, 0)]
        loaded = None
        for images, rows in self.tiles:
            if images != loaded:
                source, load = self._load(images)
                calls, loaded = calls + load, images
            matrix, gather = self._gather(source, rows)
            yield images, rows, calls + gather, matrix
            calls = []

    def _load(self, images):
        """The view of all windows of some images, and the calls that bring them there."""
        x, calls = self.x[images], []
        if self.padded is None:
            x = cropped(x, self.padding)
        else:
            inner, kept = common_parts(self.padding, x.shape[1:-1])
            padded = self.padded[: len(x)]
            calls = [copying(padded[(slice(None), *inner)], x[(slice(None), *kept)])]
            x = padded
        return windows(x, self.counts, self.window, self.strides, self.dilation), calls

    def _gather(self, source, rows):
        source = source[:, rows]
        columns = self.buffer[: source.size]
        if self.groups == 1:
            return columns.reshape(-1, int(np.prod(self.window)) * source.shape[-1]), [
                copying(columns.reshape(source.shape), source)
            ]
        source = (
            source.reshape(*source.shape[:-1], self.groups, -1)
            if source.flags.c_contiguous
            else _split_last(source, self.groups)
        )
        source = np.moveaxis(source, -2, 0)
        matrix = columns.reshape(self.groups, -1, int(np.prod(self.window)) * source.shape[-1])
        return matrix, [copying(columns.reshape(source.shape), source)]


def _split_last(x, groups):
    """A view of `x` with the last axis split in two."""
    size = x.shape[-1] // groups
    return np.lib.stride_tricks.as_strided(
        x, (*x.shape[:-1], groups, size), (*x.strides[:-1], size * x.strides[-1], x.strides[-1])
    )


def _by_group(matrix, groups):
    """(M, F) as (groups, M, F / groups); itself for one group."""
    return matrix if groups == 1 else matrix.reshape(len(matrix), groups, -1).transpose(1, 0, 2)


def _rows(x):
    """Points of space as the rows of a matrix."""
    return x.reshape(-1, x.shape[-1])


def _is_pointwise(window, strides, padding, groups):
    return (
        groups == 1
        and set(window) == {1}
        and set(strides) == {1}
        and all(pair == (0, 0) for pair in map(tuple, padding))
    )


@planned("conv")
@staged
def conv(
    take: Any, out: Any, x: TensorLike, kernel: Any, strides: IntOrInts, padding: str, dilation: int, groups: int
) -> Any:
    """`out` = windows of x @ kernel."""
    window = kernel.shape[:-2]
    if groups > 1 and groups == x.shape[-1]:
        return depthwise.forward(take, out, x, kernel, strides, padding, dilation)
    weights = _rows(kernel)
    if _is_pointwise(window, strides, padding, groups):
        return [partial(np.matmul, _rows(x), weights, _rows(out))]
    weights, calls = _by_group(weights, groups), []
    for images, rows, load, matrix in Patches(take, x, out.shape[1:-1], window, strides, padding, dilation, groups):
        calls += load
        calls.append(partial(np.matmul, matrix, weights, _by_group(_rows(out[images, rows]), groups)))
    return calls


@planned("conv_kernel_gradient")
@staged
def conv_kernel_gradient(
    take: Any,
    out: Any,
    x: TensorLike,
    g: TensorLike,
    strides: IntOrInts,
    padding: str,
    dilation: int,
    groups: int,
    kernel_shape: ShapeLike,
) -> Any:
    """`out` = (windows of x)^T @ g, added up over the tiles."""
    window = kernel_shape[:-2]
    if groups > 1 and groups == x.shape[-1]:
        return depthwise.kernel_gradient(take, out, x, g, strides, padding, dilation)
    if not g.size:
        return [filling(out, 0)]
    if _is_pointwise(window, strides, padding, groups):
        return [partial(np.matmul, _rows(x).T, _rows(g), _rows(out))]
    target, calls = _by_group(_rows(out), groups), []
    part = None
    for images, rows, load, matrix in Patches(take, x, g.shape[1:-1], window, strides, padding, dilation, groups):
        calls += load
        arrived = _by_group(_rows(g[images, rows]), groups)
        if part is None:
            calls.append(partial(np.matmul, matrix.swapaxes(-1, -2), arrived, target))
            part = take(target.shape, out.dtype)
        else:
            calls += [partial(np.matmul, matrix.swapaxes(-1, -2), arrived, part), partial(np.add, target, part, target)]
    return calls


@planned("conv_input_gradient")
@staged
def conv_input_gradient(
    take: Any,
    out: Any,
    g: TensorLike,
    kernel: Any,
    strides: IntOrInts,
    padding: str,
    dilation: int,
    groups: int,
    input_shape: ShapeLike,
) -> Any:
    """For stride 1 a convolution with the flipped kernel, which only gathers.

    Else g @ kernel^T, added where the windows were.
    """
    window = kernel.shape[:-2]
    if not g.size:
        return [filling(out, 0)]
    if groups > 1 and groups == out.shape[-1]:
        return depthwise.input_gradient(take, out, g, kernel, strides, padding, dilation)
    if _is_pointwise(window, strides, padding, groups):
        return [partial(np.matmul, _rows(g), _rows(kernel).T, _rows(out))]
    if set(strides) == {1}:
        flipped, calls = _flipped(take, kernel, groups)
        around = tuple(((w - 1) * d - a, (w - 1) * d - b) for w, d, (a, b) in zip(window, dilation, padding))
        return calls + conv(take, out, g, flipped, strides=strides, padding=around, dilation=dilation, groups=groups)
    return _scatter(take, out, g, kernel, strides, padding, dilation, groups)


def _flipped(take, kernel, groups):
    """The kernel turned round in space, with inputs and outputs exchanged, and the call that fills it."""
    window, taken, filters = kernel.shape[:-2], kernel.shape[-2], kernel.shape[-1] // groups
    flipped = take((*window, filters, groups * taken), kernel.dtype)
    source = kernel.reshape(*window, taken, groups, filters)[(slice(None, None, -1),) * len(window)]
    return flipped, [
        copying(flipped.reshape(*window, filters, groups, taken), np.moveaxis(source, -1, -3).swapaxes(-1, -2))
    ]


def _scatter(take, out, g, kernel, strides, padding, dilation, groups):
    window, counts, channels = kernel.shape[:-2], g.shape[1:-1], out.shape[-1]
    columns = int(np.prod(window)) * channels
    row = int(np.prod(counts[1:]))
    tiles = _tiles(len(g), counts[0], row * columns * g.itemsize, columns * g.itemsize)
    largest = max((i.stop - i.start) * (r.stop - r.start) for i, r in tiles) * row
    buffer = take((largest * columns,), g.dtype)
    padded = None
    if any(pair != (0, 0) for pair in map(tuple, padding)):
        padded = take((max(i.stop - i.start for i, _ in tiles), *sizes_of(out.shape[1:-1], padding), channels), g.dtype)
    weights = _by_group(_rows(kernel), groups).swapaxes(-1, -2)
    calls = []
    for images, rows in tiles:
        target = out[images] if padded is None else padded[: images.stop - images.start]
        if not rows.start:
            calls.append(filling(target, 0))
        arrived = g[images, rows]
        spread = buffer[: arrived.size // arrived.shape[-1] * columns]
        if groups == 1:
            product, spread = spread.reshape(-1, columns), spread.reshape(*arrived.shape[:-1], *window, channels)
        else:
            product = spread.reshape(groups, -1, columns // groups)
            spread = np.moveaxis(spread.reshape(groups, *arrived.shape[:-1], *window, channels // groups), 0, -2)
            target = target.reshape(*target.shape[:-1], groups, -1)
        calls.append(partial(np.matmul, _by_group(_rows(arrived), groups), weights, product))
        tail = (slice(None),) * (1 if groups == 1 else 2)
        for w in offsets(window):
            there = target[(slice(None), *point(w, arrived.shape[1:-1], strides, dilation, rows.start))]
            calls.append(partial(np.add, there, spread[(..., *w, *tail)], there))
        if padded is not None and rows.stop == counts[0]:
            calls += _taken_out(out[images], padded[: images.stop - images.start], padding)
    return calls


def _taken_out(out, padded, padding):
    """The calls that copy what lies within the padding; points that a negative padding cut off get nothing."""
    inner, kept = common_parts(padding, out.shape[1:-1])
    calls = [filling(out, 0)] if any(min(pair) < 0 for pair in padding) else []
    return [*calls, copying(out[(slice(None), *kept)], padded[(slice(None), *inner)])]
