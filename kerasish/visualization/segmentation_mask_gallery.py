"""Pictures beside their masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasish.suggestions import suggesting
from kerasish.typing import TensorLike
from kerasish.visualization.image_gallery import plot_image_gallery
from kerasish.visualization.pictures import as_bytes, batch_of_pictures
from kerasish.visualization.segmentation_masks import draw_segmentation_masks


@suggesting
def plot_segmentation_mask_gallery(
    images: TensorLike,
    num_classes: int,
    value_range: Sequence[float] = (0, 255),
    y_true: TensorLike | None = None,
    y_pred: TensorLike | None = None,
    color_mapping: Mapping[int, Sequence[int]] | None = None,
    blend: bool = True,
    alpha: float = 0.8,
    ignore_index: int = -1,
    data_format: str | None = None,
    **kwargs: Any,
) -> None:
    """Show pictures, a row each: as it is, with its true mask, and with the predicted one.

    Args:
        images: shape (batch, height, width, channels).
        num_classes: classes go from 1 to this; 0 is the background.
        value_range: (black, white) of the pictures.
        y_true: true masks, integers of shape (batch, height, width) or (batch, height, width, 1); or None.
        y_pred: predicted masks, as `y_true`; or None.
        color_mapping: dict from class to red, green and blue; None takes colours of our own.
        blend: bool. Whether the picture is seen through the colour.
        alpha: how much of the colour there is, from 0 to 1.
        ignore_index: a class that is not drawn.
        data_format: "channels_last" or "channels_first"; None: the global setting.
        **kwargs: for `plot_image_gallery`, such as `path`, `scale` or `show`.

    Raises:
        ValueError: for `images` with other than 4 axes.
        ImportError: where matplotlib is not installed.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> images, masks = np.zeros((2, 8, 8, 3)), np.ones((2, 8, 8), "int32")
        >>> keras.visualization.plot_segmentation_mask_gallery(images, 1, y_true=masks, path="masks.png")
    """
    pictures = as_bytes(batch_of_pictures(images, data_format), value_range)
    columns = [pictures]
    for masks in (y_true, y_pred):
        if masks is not None:
            drawn = draw_segmentation_masks(
                pictures, masks, num_classes, color_mapping, alpha, blend, ignore_index, "channels_last"
            )
            columns.append(as_bytes(drawn))
    side_by_side = np.stack(columns, axis=1).reshape(-1, *pictures.shape[1:])
    shape = {"rows": len(pictures), "cols": len(columns)}
    return plot_image_gallery(side_by_side, data_format="channels_last", **{**kwargs, **shape})
