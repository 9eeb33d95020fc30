"""Pools, biases, margins and enlargements of sequences, pictures and volumes."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import ops
from kerasish.backend.settings import standardize_data_format
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, IntOrInts, TensorLike


@suggesting
def pool2d(
    x: TensorLike,
    pool_size: IntOrInts,
    strides: IntOrInts = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    pool_mode: str = "max",
) -> AnyTensor:
    """The greatest element, or the mean, of each window.

    Args:
        x: tensor (batch, rows, columns, channels), or (batch, channels, ...) with "channels_first".
        pool_size: int, or one an axis.
        strides: int, or one an axis.
        padding: "valid" or "same".
        data_format: "channels_last" or "channels_first"; None for the setting.
        pool_mode: "max" or "avg".

    Returns:
        Tensor (batch, *sizes, channels), or with the channels second.

    Raises:
        ValueError: for another `pool_mode`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.pool2d(keras.ops.ones((1, 4, 4, 2)), (2, 2)).shape
        (1, 3, 3, 2)
    """
    return _pool_of(pool_mode)(x, pool_size, strides, padding, data_format)


@suggesting
def pool3d(
    x: TensorLike,
    pool_size: IntOrInts,
    strides: IntOrInts = (1, 1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    pool_mode: str = "max",
) -> AnyTensor:
    """The greatest element, or the mean, of each window.

    Args:
        x: tensor (batch, depth, rows, columns, channels), or (batch, channels, ...) with "channels_first".
        pool_size: int, or one an axis.
        strides: int, or one an axis.
        padding: "valid" or "same".
        data_format: "channels_last" or "channels_first"; None for the setting.
        pool_mode: "max" or "avg".

    Returns:
        Tensor (batch, *sizes, channels), or with the channels second.

    Raises:
        ValueError: for another `pool_mode`.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.pool3d(keras.ops.ones((1, 4, 4, 4, 2)), (2, 2, 2)).shape
        (1, 3, 3, 3, 2)
    """
    return _pool_of(pool_mode)(x, pool_size, strides, padding, data_format)


def _pool_of(pool_mode):
    if pool_mode not in ("max", "avg"):
        raise ValueError(f"`pool_mode` must be 'max' or 'avg', got {pool_mode!r}.")
    return ops.max_pool if pool_mode == "max" else ops.average_pool


@suggesting
def bias_add(x: TensorLike, bias: TensorLike, data_format: str | None = None) -> AnyTensor:
    """`x` with a number added to each channel.

    Args:
        x: tensor (batch, ..., channels), or with the channels second.
        bias: vector of the channels, or tensor of the shape of `x` without the batch, channels last (with
            "channels_first", its numbers are taken in the order in which they stand in memory).
        data_format: "channels_last" or "channels_first"; None for the setting.

    Returns:
        Tensor of the shape of `x`.

    Raises:
        ValueError: for a `bias` of another number of axes.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.bias_add(keras.ops.ones((1, 3, 2)), [1.0, 2.0]).tolist()
        [[[2.0, 3.0], [2.0, 3.0], [2.0, 3.0]]]
    """
    rank = len(x.shape)
    if len(bias.shape if hasattr(bias, "shape") else ops.shape(bias)) not in (1, rank - 1):
        raise ValueError(f"`bias` must have 1 axis or {rank - 1}, got shape {tuple(ops.shape(bias))}.")
    bias = ops.convert_to_tensor(bias) if not hasattr(bias, "shape") else bias
    if channels_last(data_format) or rank < 3:
        return ops.add(x, bias)
    *sizes, channels = bias.shape if len(bias.shape) > 1 else (*[1] * (rank - 2), bias.shape[0])
    return ops.add(x, ops.reshape(bias, (1, channels, *sizes)))  # read in this order, as Keras 1 and 2 do


@suggesting
def temporal_padding(x: TensorLike, padding: IntOrInts = (1, 1)) -> AnyTensor:
    """Zeros before and after the steps of sequences.

    Args:
        x: tensor (batch, steps, channels).
        padding: pair of ints, how many before and after.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.temporal_padding(keras.ops.ones((1, 2, 1)), (2, 0))[0, :, 0].tolist()
        [0.0, 0.0, 1.0, 1.0]
    """
    return padded(x, [padding], True)


@suggesting
def spatial_2d_padding(
    x: TensorLike, padding: Sequence[Sequence[int]] = ((1, 1), (1, 1)), data_format: str | None = None
) -> AnyTensor:
    """Zeros around pictures.

    Args:
        x: tensor (batch, rows, columns, channels), or (batch, channels, ...) with "channels_first".
        padding: pairs of ints for rows and columns: how many before and after.
        data_format: "channels_last" or "channels_first"; None for the setting.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.spatial_2d_padding(keras.ops.ones((1, 2, 2, 1))).shape
        (1, 4, 4, 1)
    """
    return padded(x, padding, channels_last(data_format))


@suggesting
def spatial_3d_padding(
    x: TensorLike, padding: Sequence[Sequence[int]] = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None
) -> AnyTensor:
    """Zeros around volumes.

    Args:
        x: tensor (batch, depth, rows, columns, channels), or (batch, channels, ...) with "channels_first".
        padding: pairs of ints for depth, rows and columns: how many before and after.
        data_format: "channels_last" or "channels_first"; None for the setting.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.spatial_3d_padding(keras.ops.ones((1, 2, 2, 2, 1))).shape
        (1, 4, 4, 4, 1)
    """
    return padded(x, padding, channels_last(data_format))


@suggesting
def resize_images(
    x: TensorLike, height_factor: int, width_factor: int, data_format: str | None, interpolation: str = "nearest"
) -> AnyTensor:
    """Pictures made larger by whole factors.

    Args:
        x: tensor (batch, rows, columns, channels), or (batch, channels, ...) with "channels_first".
        height_factor: int.
        width_factor: int.
        data_format: "channels_last" or "channels_first"; None for the setting.
        interpolation: "nearest" or "bilinear".

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.resize_images(keras.ops.ones((1, 2, 2, 1)), 2, 3, "channels_last").shape
        (1, 4, 6, 1)
    """
    last = channels_last(data_format)
    if interpolation == "nearest":
        return _enlarged(x, (height_factor, width_factor), last)
    rows, columns = x.shape[1:3] if last else x.shape[2:4]
    size = (rows * height_factor, columns * width_factor)
    return ops.image.resize(x, size, interpolation, data_format="channels_last" if last else "channels_first")


@suggesting
def resize_volumes(
    x: TensorLike, depth_factor: int, height_factor: int, width_factor: int, data_format: str | None
) -> AnyTensor:
    """Volumes made larger by whole factors.

    Args:
        x: tensor (batch, depth, rows, columns, channels), or (batch, channels, ...) with "channels_first".
        depth_factor: int.
        height_factor: int.
        width_factor: int.
        data_format: "channels_last" or "channels_first"; None for the setting.

    Returns:
        Tensor.

    Example:
        >>> import kerasish as keras
        >>> from kerasish import backend as K
        >>> K.resize_volumes(keras.ops.ones((1, 2, 2, 2, 1)), 2, 1, 3, "channels_last").shape
        (1, 4, 2, 6, 1)
    """
    return _enlarged(x, (depth_factor, height_factor, width_factor), channels_last(data_format))


def channels_last(data_format: str | None) -> bool:
    """Whether the channels stand last."""
    return standardize_data_format(data_format) == "channels_last"


def padded(x: TensorLike, padding: Sequence[Sequence[int]], last: bool) -> AnyTensor:
    """Zeros before and after, by (before, after) pairs of all axes but samples and channels."""
    around = [(0, 0), *map(tuple, padding), (0, 0)] if last else [(0, 0), (0, 0), *map(tuple, padding)]
    return ops.pad(x, around)


def _enlarged(x, factors, last):
    for axis, factor in enumerate(factors, 1 if last else 2):
        x = ops.repeat(x, factor, axis=axis)
    return x
