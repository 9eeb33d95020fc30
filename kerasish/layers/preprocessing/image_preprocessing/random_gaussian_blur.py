"""RandomGaussianBlur."""

from __future__ import annotations

import math
from typing import Any

from kerasish import ops
from kerasish.layers.base.arguments import sizes
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import (
    checked_factor,
    checked_range,
    chosen,
    one_each,
    over_pixels,
)
from kerasish.typing import Config, SeedLike, TensorLike


class RandomGaussianBlur(BaseImagePreprocessingLayer):
    """Pictures of which some are blurred by a bell of a width that is drawn for the batch.

    Args:
        factor: float or two floats from 0 to 1: between which bounds the probability of each picture is drawn; a single
            number stands for (0, factor).
        kernel_size: odd int, or two of them, the size of the bell in points (across, down).
        sigma: float >= 0 or two of them: between which bounds the width of the bell is drawn, in points; a single
            number stands for (0, sigma).
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
    >>> layer = keras.layers.RandomGaussianBlur((1.0, 1.0), sigma=(0.5, 1.0))
    >>> layer(keras.ops.ones((1, 4, 4, 3)), training=True).shape
    (1, 4, 4, 3)
    """

    _USE_BASE_FACTOR = False
    _FACTOR_BOUNDS = (0, 1)

    def __init__(
        self,
        factor: Any = 1.0,
        kernel_size: Any = 3,
        sigma: Any = 1.0,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: SeedLike = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.factor: Any = checked_factor(factor, "factor", self._FACTOR_BOUNDS)
        self.kernel_size: Any = sizes(kernel_size, 2, "kernel_size")
        if any(size % 2 == 0 for size in self.kernel_size):
            raise ValueError(f"`kernel_size` must be odd, got {kernel_size!r}.")
        self.sigma: Any = checked_factor(sigma, "sigma", (0, math.inf), low=0)
        self.value_range: Any = checked_range(value_range)
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        source = self._source(seed)
        return {
            "should_apply_blur": chosen(self._sizes(data)[0], self.factor, source),
            "blur_factor": one_each(2, self.sigma, source, self._float),
        }

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        if training:
            images = ops.cast(images, self._float)
            widths = ops.cast(transformation["blur_factor"], self._float)
            blurred = images
            # a bell is a bell across times a bell down
            for size, sigma, down in zip(self.kernel_size, (widths[0], widths[1]), (False, True)):
                blurred = self._along(blurred, bell(size, sigma, self._float), down)
            blurred = ops.clip(blurred, *self.value_range)
            images = ops.where(over_pixels(transformation["should_apply_blur"]), blurred, images)
        return self._in_compute_dtype(images)

    def _along(self, images, taps, down):
        shape = (-1, 1, 1, 1) if down else (1, -1, 1, 1)
        kernel = ops.tile(ops.reshape(taps, shape), (1, 1, images.shape[self._axes[2]], 1))
        return ops.depthwise_conv(images, kernel, padding="same", data_format=self.data_format)

    def get_config(self) -> Config:
        names = ("factor", "kernel_size", "sigma", "value_range", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def bell(size: int, sigma: Any, dtype: str) -> Any:
    """The weights of a Gaussian at `size` points, of sum 1."""
    distance = ops.arange(size, dtype=dtype) - (size - 1) / 2
    weights = ops.exp(-ops.square(distance) / (2.0 * ops.square(ops.maximum(sigma, 1e-3))))
    return weights / ops.sum(weights)
