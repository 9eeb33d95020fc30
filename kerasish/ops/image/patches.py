"""Windows of images and volumes as channels."""

from __future__ import annotations

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import product
from kerasish.backend.sizes import exceeds
from kerasish.ops.convert import value_of
from kerasish.ops.nn.patches import places
from kerasish.ops.nn.space import AxisOrder, padding_for, sizes
from kerasish.ops.numpy.helpers import reshape_to
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, IntOrInts, TensorLike


def _extracted(x, rank, size, strides, dilation_rate, padding, data_format, name):
    if len(x.shape) not in (rank + 1, rank + 2):
        raise ValueError(f"`{name}` must have {rank + 1} axes, or {rank + 2} with a batch, got shape {tuple(x.shape)}.")
    batched = len(x.shape) == rank + 2
    order = AxisOrder(data_format)
    x = order.last(x if batched else p.reshape(x, shape=(1, *x.shape)))
    extent = sizes(size, rank, "size")
    strides = extent if strides is None else sizes(strides, rank, "strides")
    dilation = sizes(dilation_rate, rank, "dilation_rate")
    pads = padding_for(padding, x.shape[1:-1], extent, strides, dilation)
    if any(pad != (0, 0) for pad in pads):
        x = p.pad(x, widths=((0, 0), *pads, (0, 0)), value=0)
    batch, *space, channels = x.shape
    found, counts = places(space, extent, strides, dilation)
    if any(exceeds(1, n) for n in counts):
        raise ValueError(f"`size` {extent} is larger than the {name}, {tuple(space)}.")
    out = p.take(reshape_to(x, (batch, product(space), channels)), found, axis=1)
    out = order.back(reshape_to(out, (batch, *counts, product(extent) * channels)))
    return out if batched else p.reshape(out, shape=tuple(out.shape[1:]))


@operation
def extract_patches(
    images: TensorLike,
    size: IntOrInts,
    strides: IntOrInts | None = None,
    dilation_rate: IntOrInts = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> AnyTensor:
    """All patches of images, each flattened (row, column, channel) into the channels of one point.

    Args:
        images: tensor (batch, height, width, channels) or without the batch; the channels come before the height with
            "channels_first".
        size: int or (height, width) of a patch.
        strides: int or a pair, from patch to patch; None for `size`, so that they do not overlap.
        dilation_rate: int or a pair, from point to point within a patch.
        padding: "valid", or "same" (zeros around).
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Tensor (batch, rows, columns, height * width * channels of a patch).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.image.extract_patches(keras.ops.ones((2, 6, 6, 3)), 3).shape
        (2, 2, 2, 27)
    """
    return _extracted(value_of(images), 2, size, strides, dilation_rate, padding, data_format, "images")


@operation
def extract_patches_3d(
    volumes: TensorLike,
    size: IntOrInts,
    strides: IntOrInts | None = None,
    dilation_rate: IntOrInts = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> AnyTensor:
    """All patches of volumes, each flattened (depth, row, column, channel) into the channels of one point.

    Args:
        volumes: tensor (batch, depth, height, width, channels) or without the batch; the channels come before the depth
            with "channels_first".
        size: int or one an axis: the points of a patch.
        strides: int or one an axis, from patch to patch; None for `size`, so that they do not overlap.
        dilation_rate: int or one an axis, from point to point within a patch.
        padding: "valid", or "same" (zeros around).
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Tensor (batch, *places, points of a patch * channels).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.image.extract_patches_3d(keras.ops.ones((1, 4, 4, 4, 2)), 2).shape
        (1, 2, 2, 2, 16)
    """
    return _extracted(value_of(volumes), 3, size, strides, dilation_rate, padding, data_format, "volumes")
