"""Fixed convolutions of images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from kerasish.backend.device import device
from kerasish.backend.primitives import p
from kerasish.backend.sizes import is_open
from kerasish.backend.variable import to_array
from kerasish.ops.convert import as_dtype, dtype_of, widened
from kerasish.ops.image.image_axes import ImageAxes
from kerasish.ops.nn.space import sizes
from kerasish.ops.numpy.helpers import open_value
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, IntOrInts, TensorLike


def each_channel(
    images: TensorLike, data_format: str | None, kernels: Sequence[Any], padded: bool = True
) -> tuple[AnyTensor, ImageAxes]:
    """Every channel convolved with `kernels` (a list of rows of rows of numbers), zeros around where `padded`.

    (batch, height, width, channels * kernels).
    """
    x, dtype = widened(images)
    axes = ImageAxes(x, data_format)
    x = axes.last(x)
    if not axes.batched:
        x = p.reshape(x, shape=(1, *x.shape))
    channels = x.shape[-1]
    if is_open(channels):
        out = open_value((*x.shape[:-1], channels * len(kernels)), dtype)
        return (out if axes.batched else p.reshape(out, shape=tuple(out.shape[1:]))), axes
    rows, columns = len(kernels[0]), len(kernels[0][0])
    taps = [[[[k[i][j] for _ in range(channels) for k in kernels]] for j in range(columns)] for i in range(rows)]
    pads = tuple(((n - 1) // 2, n // 2) if padded else (0, 0) for n in (rows, columns))
    out = p.conv(
        x, to_array(device(), taps, dtype_of(x)), strides=(1, 1), padding=pads, dilation=(1, 1), groups=channels
    )
    out = as_dtype(out, dtype)
    return (out if axes.batched else p.reshape(out, shape=tuple(out.shape[1:]))), axes


def bell(size: int, sigma: float) -> list[float]:
    """Weights of a Gaussian, of sum 1."""
    found = [math.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma**2)) for i in range(size)]
    return [w / sum(found) for w in found]


@operation
def gaussian_blur(
    images: TensorLike,
    kernel_size: IntOrInts = (3, 3),
    sigma: float | Sequence[float] = (1.0, 1.0),
    data_format: str | None = None,
) -> AnyTensor:
    """Images convolved with a bell, zeros around them.

    Args:
        images: (batch, height, width, channels) or without the batch; the channels come before the height with
            "channels_first".
        kernel_size: int or (width, height), in this order.
        sigma: number or (across, down): how wide the bell is, in points.
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Tensor of the shape of `images`.

    Raises:
        ValueError: when `sigma` is no positive number or two of them.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.ops.image.gaussian_blur(keras.ops.ones((5, 5, 1)))[2, 2, 0]), 4)
        1.0
    """
    size = sizes(kernel_size, 2, "kernel_size")
    sigma = (float(sigma),) * 2 if isinstance(sigma, (int, float)) else tuple(float(s) for s in sigma)
    if len(sigma) != 2 or min(sigma) <= 0:
        raise ValueError(f"`sigma` must be a positive number or two of them, got {sigma!r}.")
    columns, rows = (bell(n, s) for n, s in zip(size, sigma))
    out, axes = each_channel(images, data_format, [[[a * b for b in columns] for a in rows]])
    return axes.back(out)


_SLOPE, _SMOOTH = (-1.0, 0.0, 1.0), (1.0, 2.0, 1.0)


@operation
def sobel_edges(images: TensorLike, data_format: str | None = None) -> AnyTensor:
    """How steeply images rise downwards and to the right, after Sobel; zeros around them.

    Args:
        images: tensor (batch, height, width, channels) or without the batch; the channels come before the height with
            "channels_first".
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Tensor of the shape of `images` with an axis of size 2 (down, right) at the end.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.image.sobel_edges(keras.ops.ones((1, 4, 4, 3))).shape
        (1, 4, 4, 3, 2)
    """
    down = [[a * b for b in _SMOOTH] for a in _SLOPE]
    right = [[a * b for b in _SLOPE] for a in _SMOOTH]
    out, axes = each_channel(images, data_format, [down, right])
    *lead, both = out.shape
    edges = p.reshape(out, shape=(*lead, both // 2, 2))
    if not axes.first:
        return edges
    rank = len(edges.shape)
    return p.transpose(edges, axes=(*range(rank - 4), rank - 2, rank - 4, rank - 3, rank - 1))
