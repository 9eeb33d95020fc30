"""What the MobileNets share."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from kerasish.applications.build import channel_axis, correct_pad

from kerasish import backend, layers
from kerasish.typing import AnyTensor, ShapeLike, TensorLike

LEAST_SIZE = 32


def divisible(value: float, divisor: int = 8, near: bool = True) -> int:
    """A number of channels as a multiple of `divisor`, at least one of it.

    With `near` it is not less than nine tenths of `value`.

    Example:
        >>> divisible(30), divisible(11), divisible(11, near=False)
        (32, 16, 8)
    """
    multiple = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return multiple + divisor if near and multiple < 0.9 * value else multiple


def sides(shape: ShapeLike) -> tuple[Any, ...]:
    """(rows, columns) of an image shape without the batch."""
    return tuple(shape[1:3]) if backend.image_data_format() == "channels_first" else tuple(shape[:2])


def fitting_size(shape: ShapeLike, sizes: Sequence[int]) -> int:
    """The side for which a model is made when its pictures have `shape`.

    That of the shape if there are weights for it, else 224.
    """
    rows, columns = sides(shape) if shape is not None else (None, None)
    return rows if rows == columns and rows in sizes else 224


def pretrained_rows(shape: ShapeLike, sizes: Sequence[int]) -> int:
    """The side of the pictures that the official weights were trained on.

    A warning where it isn't the side of `shape`.
    """
    rows, columns = sides(shape)
    if rows == columns and rows in sizes:
        return rows
    warnings.warn(
        f"`input_shape` is open, not square or not one of {list(sizes)} pixels: the weights for 224 pixels are loaded.",
        stacklevel=5,
    )
    return 224


def check_alpha(alpha: float, alphas: Sequence[float]) -> None:
    """Refuse a width for which there are no official weights."""
    if alpha not in alphas:
        raise ValueError(
            f"`alpha` must be one of {', '.join(map(str, alphas))} with weights='imagenet', got {alpha!r}. Other "
            "widths need weights=None."
        )


def check_tensor_width(input_tensor: AnyTensor | None, input_shape: ShapeLike) -> None:
    """Refuse an `input_tensor` of another width than `input_shape` says."""
    if input_shape is None or not backend.is_keras_tensor(input_tensor):
        return
    wanted, found = sides(input_shape)[1], sides(input_tensor.shape[1:])[1]
    if wanted != found:
        raise ValueError(
            f"`input_tensor` must be as wide as `input_shape` says ({wanted}), got shape {tuple(input_tensor.shape)}. "
            "Leave `input_shape` out."
        )


def normalized(x: TensorLike, name: str) -> AnyTensor:
    """Batch normalization with the slow moving averages of MobileNetV2 and V3."""
    return layers.BatchNormalization(axis=channel_axis(-1), epsilon=1e-3, momentum=0.999, name=name)(x)


def depthwise(x: TensorLike, kernel: int, strides: int, pad: str, name: str) -> AnyTensor:
    """A depthwise convolution without bias; one of stride 2 is preceded by padding called `pad`."""
    if strides == 2:
        x = layers.ZeroPadding2D(correct_pad(x, kernel), name=pad)(x)
    padding = "same" if strides == 1 else "valid"
    return layers.DepthwiseConv2D(kernel, strides=strides, padding=padding, use_bias=False, name=name)(x)


def pointwise(x: TensorLike, filters: int, name: str, padding: str = "same") -> AnyTensor:
    """A 1x1 convolution without bias."""
    return layers.Conv2D(filters, 1, padding=padding, use_bias=False, name=name)(x)
