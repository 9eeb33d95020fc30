"""Masks drawn over pictures, a colour a class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kerasish import ops
from kerasish.suggestions import suggesting
from kerasish.typing import TensorLike
from kerasish.visualization.pictures import batch_of_pictures, like


@suggesting
def draw_segmentation_masks(
    images: TensorLike,
    segmentation_masks: TensorLike,
    num_classes: int | None = None,
    color_mapping: Mapping[int, Sequence[int]] | None = None,
    alpha: float = 0.8,
    blend: bool = True,
    ignore_index: int = -1,
    data_format: str | None = None,
) -> np.ndarray:
    """Draw masks over a batch of pictures, in a colour a class.

    Class 0 is the background: it is drawn only where `color_mapping` has a colour for it.

    Args:
        images: shape (batch, height, width, channels), values 0 to 255.
        segmentation_masks: integers of shape (batch, height, width) or (batch, height, width, 1): class numbers.
        num_classes: classes go from 1 to this; None: to the largest in the masks.
        color_mapping: dict from class to red, green and blue, 0 to 255. None, and classes that are not in it, have
            colours of their own.
        alpha: how much of the colour there is, from 0 to 1.
        blend: bool. Whether the picture is seen through the colour.
        ignore_index: a class that is not drawn.
        data_format: "channels_last" or "channels_first"; None: the global setting.

    Returns:
        Array of the shape of `images`: uint8, without `blend` float32.

    Raises:
        ValueError: for `images` with other than 4 axes, masks of another size, and an `alpha` outside of 0 to 1.
        TypeError: for masks that are no integers.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> mask = np.array([[[0, 1, 2]]])
        >>> keras.visualization.draw_segmentation_masks(np.zeros((1, 1, 3, 3)), mask, alpha=1.0)[0, 0].tolist()
        [[0, 0, 0], [1, 127, 31], [2, 254, 62]]
    """
    pictures = batch_of_pictures(images, data_format).astype("float32")
    masks = ops.convert_to_numpy(segmentation_masks)
    if masks.dtype.kind not in "iu":
        raise TypeError(f"`segmentation_masks` must be integers, got dtype {masks.dtype}.")
    if masks.ndim == 4:
        masks = masks.squeeze(1 if masks.shape[1] == 1 and masks.shape[-1] != 1 else -1)
    if masks.shape != pictures.shape[:3]:
        raise ValueError(
            f"`segmentation_masks` must have a number a pixel, shape {pictures.shape[:3]}, got {masks.shape}."
        )
    if not 0 <= alpha <= 1:
        raise ValueError(f"`alpha` must be from 0 to 1, got {alpha!r}.")
    last = int(masks.max(initial=0)) if num_classes is None else num_classes
    colors = {number: class_color(number) for number in range(1, last + 1)}
    colors.update({int(number): tuple(color) for number, color in (color_mapping or {}).items()})
    painted = pictures.copy()
    for number, color in colors.items():
        if number != ignore_index:
            painted[masks == number] = np.resize(np.asarray(color, "float32"), pictures.shape[-1])
    if not blend:
        return like(painted, data_format)
    mixed = pictures * np.float32(1 - alpha) + painted * np.float32(alpha)
    return like(np.clip(mixed, 0, 255).astype("uint8"), data_format)


def class_color(number: int) -> tuple[int, int, int]:
    """The colour of a class that has none: those of neighbours are far apart."""
    return number % 255, 127 * number % 255, 31 * number % 255
