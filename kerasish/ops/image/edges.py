"""Margins added to images and cut off."""

from __future__ import annotations

from kerasish.backend.primitives import p
from kerasish.backend.sizes import exceeds
from kerasish.ops.convert import value_of
from kerasish.ops.image.image_axes import ImageAxes
from kerasish.ops.numpy.helpers import known_int, window
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


def _margins(names, before, after, target, size, sign):
    """(before, after) from two of three numbers.

    `sign` is 1 where margins are added to `size`, -1 where they are cut off.
    """
    if [before, after, target].count(None) != 1:
        raise ValueError(
            f"Give exactly two of {', '.join(f'`{n}`' for n in names)}, got {before}, {after} and {target}."
        )
    if target is not None:
        margin = sign * (target - size)
        before, after = (margin - after, after) if before is None else (before, margin - before)
    target = size + sign * (before + after)
    for name, value in zip(names, (before, after, target)):
        if exceeds(0, value) or (name.startswith("target") and exceeds(1, value)):
            raise ValueError(
                f"`{name}` comes out as {value} for images of {size} points along this axis: that can't be."
            )
    return known_int(before, names[0]), known_int(after, names[1])


def _both(images, axes, kind, sign, top, left, bottom, right, target_height, target_width):
    height, width = axes.size(images)
    rows = _margins((f"top_{kind}", f"bottom_{kind}", "target_height"), top, bottom, target_height, height, sign)
    columns = _margins((f"left_{kind}", f"right_{kind}", "target_width"), left, right, target_width, width, sign)
    return rows, columns


@operation
def pad_images(
    images: TensorLike,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> AnyTensor:
    """Images with rows and columns of zeros around them.

    Of top, bottom and target height exactly two are given, and of left, right and target width.

    Args:
        images: tensor (batch, height, width, channels) or without the batch; the channels come before the height with
            "channels_first".
        top_padding: int, the rows added above.
        left_padding: int, the columns added to the left.
        bottom_padding: int, the rows added below.
        right_padding: int, the columns added to the right.
        target_height: int, the rows of the result.
        target_width: int, the columns of the result.
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Tensor of the dtype of `images`.

    Raises:
        ValueError: when not exactly two of three are given, or they do not fit the images.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.image.pad_images(keras.ops.ones((4, 4, 3)), 1, 1, target_height=6, target_width=8).shape
        (6, 8, 3)
    """
    images = value_of(images)
    axes = ImageAxes(images, data_format)
    rows, columns = _both(
        images,
        axes,
        "padding",
        1,
        top_padding,
        left_padding,
        bottom_padding,
        right_padding,
        target_height,
        target_width,
    )
    widths = [(0, 0)] * len(images.shape)
    widths[axes.height], widths[axes.width] = rows, columns
    return p.pad(images, widths=tuple(widths), value=0) if any(rows + columns) else images


@operation
def crop_images(
    images: TensorLike,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> AnyTensor:
    """Images without their outer rows and columns.

    Of top, bottom and target height exactly two are given, and of left, right and target width.

    Args:
        images: tensor (batch, height, width, channels) or without the batch; the channels come before the height with
            "channels_first".
        top_cropping: int, the rows left out above.
        left_cropping: int, the columns left out to the left.
        bottom_cropping: int, the rows left out below.
        right_cropping: int, the columns left out to the right.
        target_height: int, the rows of the result.
        target_width: int, the columns of the result.
        data_format: "channels_last", "channels_first" or None for the global setting.

    Returns:
        Tensor of the dtype of `images`.

    Raises:
        ValueError: when not exactly two of three are given, or they do not fit the images.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.image.crop_images(keras.ops.ones((4, 4, 3)), 1, 1, target_height=2, target_width=3).shape
        (2, 3, 3)
    """
    images = value_of(images)
    axes = ImageAxes(images, data_format)
    rows, columns = _both(
        images,
        axes,
        "cropping",
        -1,
        top_cropping,
        left_cropping,
        bottom_cropping,
        right_cropping,
        target_height,
        target_width,
    )
    height, width = axes.size(images)
    images = window(images, axes.height, rows[0], height - rows[1])
    return window(images, axes.width, columns[0], width - columns[1])
