"""CenterCrop."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.preprocessing.image_preprocessing.picture_size import PictureSizeLayer, middle_part
from kerasish.typing import DTypeLike, TensorLike


class CenterCrop(PictureSizeLayer):
    """The middle of pictures.

    A picture that is too small is enlarged: the largest middle part of the right proportions is resized.

    Args:
        height: int > 0, rows of what comes out.
        width: int > 0, columns of what comes out.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`.

    Input shape:
        (batch, height, width, channels) or one picture without the batch, or a dict of "images", "labels",
        "bounding_boxes" and "segmentation_masks".

    Output shape:
        floats.

    >>> import kerasish as keras
    >>> layer = keras.layers.CenterCrop(1, 2)
    >>> layer(keras.ops.reshape(keras.ops.arange(12.0), (1, 3, 4, 1))).ravel().tolist()
    [5.0, 6.0]
    """

    def transform_images(self, images: TensorLike, transformation: Any = None, training: bool = True) -> Any:
        return self._middle(ops.cast(images, self.compute_dtype), "bilinear")

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        return self._middle(segmentation_masks, "nearest")  # a mix of two classes would be a third

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        height, width = transformation["height"], transformation["width"]
        if height < self.height or width < self.width:
            part = middle_part(height, width, (self.height, self.width))
        else:
            part = ((height - self.height) // 2, (width - self.width) // 2, self.height, self.width)
        return self._moved_boxes(bounding_boxes, transformation, part)

    def _middle(self, images, interpolation):
        rows, columns = (images.shape[axis] for axis in self._axes[:2])
        if rows < self.height or columns < self.width:
            return self._middle_resized(images, interpolation)
        return self._window(images, (rows - self.height) // 2, (columns - self.width) // 2)

    def output_dtype_for(self, dtype: DTypeLike) -> Any:
        return self.compute_dtype
