"""RandomBrightness."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.dtypes import is_float_dtype
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import checked_range, one_each, over_pixels
from kerasish.typing import Config, SeedLike, TensorLike


class RandomBrightness(BaseImagePreprocessingLayer):
    """Pictures that are brighter or darker, each by a number of its own.

    Args:
        factor: float or two floats from -1 to 1: between which bounds the part of the range is drawn that is added;
            a single number stands for (-factor, factor). -1 makes a picture black, 1 white.
        value_range: two numbers, the least and the greatest value of the pictures.
        seed: int, SeedGenerator or None for a random one.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`, `data_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which stay.

    Output shape:
        the same; the dtype of integers stays.

    >>> import kerasish as keras
    >>> layer = keras.layers.RandomBrightness((0.2, 0.2))
    >>> layer(100 * keras.ops.ones((1, 1, 2, 3)), training=True).round()[0, 0, 0].tolist()
    [151.0, 151.0, 151.0]
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: SeedLike = None, **kwargs: Any) -> None:
        super().__init__(factor=factor, **kwargs)
        self.value_range: Any = checked_range(value_range)
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        low, high = self.value_range
        drawn = one_each(self._sizes(data)[0], self.factor, self._source(seed), self._float)
        return {"rgb_delta": over_pixels(drawn * (high - low))}

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        dtype = images.dtype
        if training:
            images = ops.cast(images, self._float) + ops.cast(transformation["rgb_delta"], self._float)
            images = ops.clip(images, *self.value_range)
        return ops.cast(images, self.compute_dtype if is_float_dtype(dtype) else dtype)

    def get_config(self) -> Config:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range, "seed": self.seed}
