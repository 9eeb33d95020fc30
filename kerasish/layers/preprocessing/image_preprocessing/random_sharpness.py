"""RandomSharpness."""

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


class RandomSharpness(BaseImagePreprocessingLayer):
    """Pictures that are smoother or sharper, each by a number of its own.

    Args:
        factor: float or two floats from 0 to 1: between which bounds the number is drawn, 0 for the smoothed picture,
            0.5 for the picture itself, 1 for as much beyond it; a single number stands for (0, factor).
        value_range: two numbers, the least and the greatest value of the pictures.
        data_format: "channels_last", "channels_first", or None for the global setting.
        seed: int, SeedGenerator or None for a random one.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`, `data_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which stay.

    Output shape:
        the same, floats.

    >>> import kerasish as keras
    >>> layer = keras.layers.RandomSharpness((0.5, 0.5))
    >>> layer(keras.ops.ones((1, 4, 4, 3)), training=True).shape
    (1, 4, 4, 3)
    """

    _USE_BASE_FACTOR = False
    _FACTOR_BOUNDS = (0, 1)

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: SeedLike = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.factor: Any = checked_factor(factor, "factor", self._FACTOR_BOUNDS)
        self.value_range: Any = checked_range(value_range)
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        return {"factor": one_each(self._sizes(data)[0], self.factor, self._source(seed), self._float)}

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        if training:
            images = ops.cast(images, self._float)
            smooth = self._smooth(images)
            by = 2.0 * over_pixels(ops.cast(transformation["factor"], self._float))
            images = ops.clip(smooth + by * (images - smooth), *self.value_range)
        return self._in_compute_dtype(images)

    def _smooth(self, images):
        """Each point a mean of the 3 x 3 points around it, itself five times; zeros around."""
        count = images.shape[self._axes[2]]
        taps = ops.array([[1.0, 1.0, 1.0], [1.0, 5.0, 1.0], [1.0, 1.0, 1.0]], self._float) / 13.0
        kernel = ops.tile(ops.reshape(taps, (3, 3, 1, 1)), (1, 1, count, 1))
        return ops.depthwise_conv(images, kernel, padding="same", data_format=self.data_format)

    def get_config(self) -> Config:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range, "seed": self.seed}
