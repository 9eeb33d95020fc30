"""AutoContrast."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import checked_range, rescaled
from kerasish.typing import Config, TensorLike


class AutoContrast(BaseImagePreprocessingLayer):
    """Pictures whose channels each fill the whole range, in training and outside it.

    Args:
        value_range: two numbers, the least and the greatest value of the pictures.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`, `data_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which stay.

    Output shape:
        the same, floats.

    >>> import kerasish as keras
    >>> keras.layers.AutoContrast()(keras.ops.array([[[[10.0], [20.0], [30.0]]]])).ravel().tolist()
    [0.0, 127.5, 255.0]
    """

    _USE_BASE_FACTOR = False

    def __init__(self, value_range: Any = (0, 255), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.value_range: Any = checked_range(value_range)

    def transform_images(self, images: TensorLike, transformation: Any = None, training: bool = True) -> Any:
        images = rescaled(ops.cast(images, self._float), self.value_range, (0, 255))
        low = ops.min(images, axis=self._axes[:2], keepdims=True)
        high = ops.max(images, axis=self._axes[:2], keepdims=True)
        flat = ops.equal(low, high)
        stretched = (images - low) * (255.0 / ops.where(flat, ops.ones_like(high), high - low))
        images = ops.where(flat, images, ops.clip(stretched, 0, 255))
        return self._in_compute_dtype(rescaled(images, (0, 255), self.value_range))

    def get_config(self) -> Config:
        return {**super().get_config(), "value_range": self.value_range}
