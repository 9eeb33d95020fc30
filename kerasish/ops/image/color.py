"""Colours in other coordinates."""

from __future__ import annotations

from kerasish.backend.device import device
from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.primitives import p
from kerasish.backend.sizes import unlike
from kerasish.backend.variable import to_array
from kerasish.ops.convert import as_dtype, as_float, dtype_of, value_of
from kerasish.ops.image.image_axes import ImageAxes
from kerasish.ops.nn.along import applied_along
from kerasish.ops.numpy.helpers import window
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike

_GRAY = (0.2989, 0.587, 0.114)  # how bright red, green and blue look (ITU-R BT.601)


def _three(images, axes):
    if unlike(images.shape[axes.channels], 3):
        raise ValueError(
            f"`images` must have 3 channels, got shape {tuple(images.shape)} (channels on axis {axes.channels})."
        )


@operation
def rgb_to_grayscale(images: TensorLike, data_format: str | None = None) -> AnyTensor:
    """The brightness of colours, 0.2989 red + 0.587 green + 0.114 blue, in one channel.

    Images with one channel stay.

    Args:
        images: (batch, height, width, 3) or without the batch; the channels come before the height with
            "channels_first".
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Tensor of the shape of `images`, with one channel.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.ops.image.rgb_to_grayscale([[[1.0, 0.0, 0.0]]])[0, 0, 0]), 4)
        0.2989
    """
    images = value_of(images)
    axes = ImageAxes(images, data_format)
    if images.shape[axes.channels] == 1:
        return images
    _three(images, axes)
    x = as_float(images)
    return as_dtype(applied_along(x, to_array(device(), [_GRAY], dtype_of(x)), axes.channels), dtype_of(images))


def _channels(images, data_format):
    """(the three channels, axis). Raises ValueError for integers."""
    images = value_of(images)
    axes = ImageAxes(images, data_format)
    _three(images, axes)
    if not is_float_dtype(dtype_of(images)):
        raise ValueError(f"`images` must be of floating-point type with values from 0 to 1, got {dtype_of(images)}.")
    return [window(images, axes.channels, i, i + 1) for i in range(3)], axes.channels


@operation
def rgb_to_hsv(images: TensorLike, data_format: str | None = None) -> AnyTensor:
    """Red, green and blue as hue, saturation and value, all from 0 to 1.

    Args:
        images: float tensor (batch, height, width, 3) or without the batch; the channels come before the height with
            "channels_first".
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Tensor of the shape and dtype of `images`.

    Example:
        >>> import kerasish as keras
        >>> [round(float(v), 3) for v in keras.ops.image.rgb_to_hsv([[[0.0, 1.0, 0.0]]])[0, 0]]
        [0.333, 1.0, 1.0]
    """
    (red, green, blue), axis = _channels(images, data_format)
    value = p.maximum(p.maximum(red, green), blue)
    spread = p.subtract(value, p.minimum(p.minimum(red, green), blue))
    coloured = p.greater(spread, 0.0)
    saturation = p.where(p.greater(value, 0.0), p.divide(spread, p.where(p.greater(value, 0.0), value, 1.0)), 0.0)
    sixth = p.divide(1 / 6, p.where(coloured, spread, 1.0))
    from_red = p.multiply(p.subtract(green, blue), sixth)
    from_green = p.add(p.multiply(p.subtract(blue, red), sixth), 2 / 6)
    from_blue = p.add(p.multiply(p.subtract(red, green), sixth), 4 / 6)
    hue = p.where(p.equal(red, value), from_red, p.where(p.equal(green, value), from_green, from_blue))
    hue = p.where(coloured, p.where(p.less(hue, 0.0), p.add(hue, 1.0), hue), 0.0)
    return p.concatenate(hue, saturation, value, axis=axis)


@operation
def hsv_to_rgb(images: TensorLike, data_format: str | None = None) -> AnyTensor:
    """Hue, saturation and value as red, green and blue, all from 0 to 1: the inverse of `rgb_to_hsv`.

    Args:
        images: float tensor (batch, height, width, 3) or without the batch; the channels come before the height with
            "channels_first".
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Tensor of the shape and dtype of `images`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.image.hsv_to_rgb([[[0.0, 1.0, 0.5]]]).ravel().tolist()
        [0.5, 0.0, 0.0]
    """
    (hue, saturation, value), axis = _channels(images, data_format)
    around = p.multiply(hue, 6.0)
    # each colour is full for a third of the circle, gone for another, and rises and falls linearly between them
    red = _kept(p.subtract(p.absolute(p.subtract(around, 3.0)), 1.0))
    green = _kept(p.subtract(2.0, p.absolute(p.subtract(around, 2.0))))
    blue = _kept(p.subtract(2.0, p.absolute(p.subtract(around, 4.0))))
    pale = p.subtract(1.0, saturation)
    return p.concatenate(
        *[p.multiply(p.add(pale, p.multiply(saturation, c)), value) for c in (red, green, blue)], axis=axis
    )


def _kept(x):
    return p.minimum(p.relu(x), 1.0)
