"""Windows as rows, rows as windows, and blocks of space as channels."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import product
from kerasish.backend.primitives.windows import count
from kerasish.backend.sizes import exceeds, unlike
from kerasish.ops.convert import as_float, value_of
from kerasish.ops.nn.space import sizes
from kerasish.ops.numpy.helpers import at_once, iota, reshape_to, transpose_to
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, IntOrInts, TensorLike


def places(space: Sequence[int], window: Sequence[int], strides: Sequence[int], dilation: Sequence[int]) -> AnyTensor:
    """The flat position in `space` of each point of each window, as a constant (*windows, *window)."""
    counts = [count(d, w, s, (0, 0), t) for d, w, s, t in zip(space, window, strides, dilation)]
    rank, total, unit = len(space), None, product(space)
    for axis in range(rank):
        unit //= space[axis]
        for at, number, step in ((axis, counts[axis], strides[axis]), (rank + axis, window[axis], dilation[axis])):
            line = iota(number, "int32", 0, step * unit)
            line = at_once(p.reshape, line, shape=tuple(number if i == at else 1 for i in range(2 * rank)))
            total = line if total is None else at_once(p.add, total, line)
    return total, tuple(counts)


def _four(x, name):
    if len(x.shape) != 4:
        raise ValueError(f"`{name}` must have shape (batch, channels, height, width), got {tuple(x.shape)}.")


def _pair(value, name, least=1):
    return sizes(value, 2, name, least)


def _around(padding):
    rows, columns = _pair(padding, "padding", least=0)
    return ((0, 0), (0, 0), (rows, rows), (columns, columns))


def _columns(space, kernel_size, dilation, stride):
    """Positions (points of a window, windows)."""
    window = _pair(kernel_size, "kernel_size")
    found, counts = places(space, window, _pair(stride, "stride"), _pair(dilation, "dilation"))
    if any(exceeds(1, n) for n in counts):
        raise ValueError(f"`kernel_size` {window} with its dilation is larger than the padded inputs, {tuple(space)}.")
    found = at_once(p.transpose, found, axes=(2, 3, 0, 1))
    return at_once(p.reshape, found, shape=(product(window), product(counts)))


@operation
def unfold(
    x: TensorLike, kernel_size: IntOrInts, dilation: IntOrInts = 1, padding: IntOrInts = 0, stride: IntOrInts = 1
) -> AnyTensor:
    """All windows of images as columns.

    Args:
        x: tensor (batch, channels, height, width).
        kernel_size: int or a pair, the points of a window.
        dilation: int or a pair, from point to point within a window.
        padding: int or a pair, the zeros added on both sides.
        stride: int or a pair, from window to window.

    Returns:
        Tensor (batch, channels * points of a window, windows).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.unfold(keras.ops.reshape(keras.ops.arange(4.0), (1, 1, 2, 2)), (1, 2)).tolist()
        [[[0.0, 2.0], [1.0, 3.0]]]
    """
    x = value_of(x)
    _four(x, "x")
    widths = _around(padding)
    if any(map(any, widths)):
        x = p.pad(x, widths=widths, value=0)
    batch, channels, *space = x.shape
    found = _columns(space, kernel_size, dilation, stride)
    rows = p.take(reshape_to(x, (batch, channels, product(space))), found, axis=2)
    return reshape_to(rows, (batch, channels * found.shape[0], found.shape[1]))


@operation
def fold(
    x: TensorLike,
    output_size: IntOrInts,
    kernel_size: IntOrInts,
    dilation: IntOrInts = 1,
    padding: IntOrInts = 0,
    stride: IntOrInts = 1,
) -> AnyTensor:
    """The transpose of `unfold`: columns added up where their windows lie.

    Args:
        x: tensor (batch, channels * points of a window, windows).
        output_size: int or (height, width).
        kernel_size: int or a pair, the points of a window.
        dilation: int or a pair, from point to point within a window.
        padding: int or a pair, the zeros added on both sides.
        stride: int or a pair, from window to window.

    Returns:
        Tensor (batch, channels, height, width).

    Raises:
        ValueError: when the shape of `x` does not fit.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.fold(keras.ops.ones((1, 2, 2)), (1, 3), (1, 2)).tolist()
        [[[[1.0, 2.0, 1.0]]]]
    """
    x = as_float(x)
    height, width = _pair(output_size, "output_size")
    _, _, (top, _), (left, _) = _around(padding)
    space = (height + 2 * top, width + 2 * left)
    found = _columns(space, kernel_size, dilation, stride)
    points, windows = found.shape
    if len(x.shape) != 3 or unlike(x.shape[1] % points, 0) or unlike(x.shape[2], windows):
        raise ValueError(
            f"`x` must have shape (batch, a multiple of {points}, {windows}) for this `output_size` and "
            f"`kernel_size`, got {tuple(x.shape)}."
        )
    channels = x.shape[1] // points
    rows = reshape_to(x, (x.shape[0], channels, points, windows))
    out = reshape_to(p.take_gradient(rows, found, axis=2, size=product(space)), (x.shape[0], channels, *space))
    if not top and not left:
        return out
    return p.slice(
        out, start=(0, 0, top, left), stop=(x.shape[0], channels, top + height, left + width), strides=(1, 1, 1, 1)
    )


def _block(x, block_size, data_format):
    """(x, block size, whether the channels come first)."""
    x = value_of(x)
    if data_format not in ("channels_last", "channels_first"):
        raise ValueError(f"`data_format` must be 'channels_last' or 'channels_first', got {data_format!r}.")
    if len(x.shape) != 4:
        raise ValueError(f"`x` must have four axes (batch, two of space, channels), got shape {tuple(x.shape)}.")
    return x, sizes(block_size, 1, "block_size")[0], data_format == "channels_first"


def _split(size, by, name):
    if unlike(size % by, 0):
        raise ValueError(f"`block_size` must divide {name}, got {size} and a factor of {by}.")
    return size // by


@operation
def space_to_depth(x: TensorLike, block_size: int, data_format: str | None = "channels_last") -> AnyTensor:
    """Blocks of points as the channels of one point.

    A new channel is (row of the block, column, channel) in this order; (channel, row, column) with "channels_first".

    Args:
        x: tensor (batch, height, width, channels), or (batch, channels, height, width) with "channels_first".
        block_size: int, the height and the width of a block.
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Tensor with height and width divided by `block_size`, and block_size^2 times as many channels.

    Raises:
        ValueError: when `block_size` does not divide the height and the width.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.space_to_depth(keras.ops.ones((1, 4, 6, 3)), 2).shape
        (1, 2, 3, 12)
    """
    x, b, first = _block(x, block_size, data_format)
    n, h, w, c = (x.shape[0], *x.shape[2:], x.shape[1]) if first else x.shape
    rows, columns = _split(h, b, "the height"), _split(w, b, "the width")
    depth = product((b, b, c))
    if first:
        blocks = transpose_to(reshape_to(x, (n, c, rows, b, columns, b)), (0, 1, 3, 5, 2, 4))
        return reshape_to(blocks, (n, depth, rows, columns))
    blocks = transpose_to(reshape_to(x, (n, rows, b, columns, b, c)), (0, 1, 3, 2, 4, 5))
    return reshape_to(blocks, (n, rows, columns, depth))


@operation
def depth_to_space(x: TensorLike, block_size: int, data_format: str | None = "channels_last") -> AnyTensor:
    """Channels spread over blocks of points: the inverse of `space_to_depth`.

    Args:
        x: tensor (batch, height, width, channels), or (batch, channels, height, width) with "channels_first".
        block_size: int, the height and the width of a block.
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Tensor with height and width multiplied by `block_size`, and block_size^2 times fewer channels.

    Raises:
        ValueError: when block_size^2 does not divide the channels.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.depth_to_space([[[[1, 2, 3, 4]]]], 2).tolist()
        [[[[1], [2]], [[3], [4]]]]
    """
    x, b, first = _block(x, block_size, data_format)
    n, h, w, c = (x.shape[0], *x.shape[2:], x.shape[1]) if first else x.shape
    depth = _split(c, b * b, "the channels")
    height, width = product((h, b)), product((w, b))
    if first:
        blocks = transpose_to(reshape_to(x, (n, depth, b, b, h, w)), (0, 1, 4, 2, 5, 3))
        return reshape_to(blocks, (n, depth, height, width))
    blocks = transpose_to(reshape_to(x, (n, h, w, b, b, depth)), (0, 1, 3, 2, 4, 5))
    return reshape_to(blocks, (n, height, width, depth))
