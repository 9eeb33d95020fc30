"""RandomContrast."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import (
    checked_factor,
    checked_range,
    one_each,
    over_pixels,
)
from kerasish.typing import Config, SeedLike, TensorLike


class RandomContrast(BaseImagePreprocessingLayer):
    """Pictures with more or less contrast: each channel's distance from its mean, times a number.

    Args:
        factor: float or two floats from 0 to 1: the number is drawn from 1 - lower to 1 + upper; a single number stands
            for (0, factor).
        value_range: two numbers, the least and the greatest value of the pictures.
        seed: int, SeedGenerator or None for a random one.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`, `data_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which stay.

    Output shape:
        the same, floats.

    >>> import kerasish as keras
    >>> layer = keras.layers.RandomContrast((0.0, 0.5), seed=1)
    >>> layer(keras.ops.ones((2, 4, 4, 3)), training=True).shape
    (2, 4, 4, 3)
    """

    _FACTOR_BOUNDS = (0, 1)

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: SeedLike = None, **kwargs: Any) -> None:
        super().__init__(factor=checked_factor(factor, "factor", self._FACTOR_BOUNDS), **kwargs)
        self.value_range: Any = checked_range(value_range)
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        lower, upper = self.factor
        drawn = one_each(self._sizes(data)[0], (1 - lower, 1 + upper), self._source(seed), self._float)
        return {"contrast_factor": over_pixels(drawn)}

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        if training:
            images = ops.cast(images, self._float)
            mean = ops.mean(images, axis=self._axes[:2], keepdims=True)
            images = (images - mean) * ops.cast(transformation["contrast_factor"], self._float) + mean
            images = ops.clip(images, *self.value_range)
        return self._in_compute_dtype(images)

    def get_config(self) -> Config:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range, "seed": self.seed}
