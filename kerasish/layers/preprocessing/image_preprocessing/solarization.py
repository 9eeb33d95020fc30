"""Solarization."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import (
    checked_factor,
    checked_range,
    one_each,
    over_pixels,
    rescaled,
)
from kerasish.typing import Config, SeedLike, TensorLike


class Solarization(BaseImagePreprocessingLayer):
    """Pictures whose bright points become dark: what is above a threshold is inverted.

    Args:
        addition_factor: float or two floats from 0 to 1: between which bounds the part of the range is drawn that is
            added first; a single number stands for (0, addition_factor).
        threshold_factor: float or two floats from 0 to 1: between which bounds the threshold is drawn, in parts of the
            range; a single number stands for (0, threshold_factor).
        value_range: two numbers, the least and the greatest value of the pictures.
        seed: int, SeedGenerator or None for a random one.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`, `data_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which stay.

    Output shape:
        the same, floats.

    >>> import kerasish as keras
    >>> layer = keras.layers.Solarization(threshold_factor=(0.5, 0.5))
    >>> layer(keras.ops.array([[[[100.0, 200.0, 255.0]]]])).tolist()
    [[[[100.0, 55.0, 0.0]]]]
    """

    _USE_BASE_FACTOR = False

    def __init__(
        self,
        addition_factor: Any = 0.0,
        threshold_factor: Any = 0.0,
        value_range: Any = (0, 255),
        seed: SeedLike = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.addition_factor: Any = checked_factor(addition_factor, "addition_factor", (0, 1), low=0)
        self.threshold_factor: Any = checked_factor(threshold_factor, "threshold_factor", (0, 1), low=0)
        self.value_range: Any = checked_range(value_range)
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        batch, source = self._sizes(data)[0], self._source(seed)
        return {
            name: over_pixels(one_each(batch, [255 * bound for bound in factor], source, self._float))
            for name, factor in (("additions", self.addition_factor), ("thresholds", self.threshold_factor))
        }

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        if training:
            images = rescaled(ops.cast(images, self._float), self.value_range, (0, 255))
            images = ops.clip(images + ops.cast(transformation["additions"], self._float), 0, 255)
            bright = ops.greater_equal(images, ops.cast(transformation["thresholds"], self._float))
            images = rescaled(ops.where(bright, 255 - images, images), (0, 255), self.value_range)
        return self._in_compute_dtype(images)

    def get_config(self) -> Config:
        names = ("addition_factor", "threshold_factor", "value_range", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
