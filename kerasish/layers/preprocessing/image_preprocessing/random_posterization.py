"""RandomPosterization."""

from __future__ import annotations

from typing import Any

from kerasish import ops, random
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import (
    checked_factor,
    checked_range,
    over_pixels,
    rescaled,
)
from kerasish.typing import Config, SeedLike, TensorLike


class RandomPosterization(BaseImagePreprocessingLayer):
    """Pictures with fewer different values: of 8 bits only the first few stay.

    Args:
        factor: int from 1 to 8, how many bits stay: from 1 to below it; or two ints, between which the number is drawn,
            without the second.
        value_range: two numbers, the least and the greatest value of the pictures.
        data_format: "channels_last", "channels_first", or None for the global setting.
        seed: int, SeedGenerator or None for a random one.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`, `data_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which stay.

    Output shape:
        the same, floats.

    Reference:
        Cubuk et al., "AutoAugment: Learning Augmentation Policies from Data", 2018.

    >>> import kerasish as keras
    >>> layer = keras.layers.RandomPosterization((1, 2))
    >>> layer(keras.ops.array([[[[100.0, 130.0, 255.0]]]]), training=True).tolist()
    [[[[0.0, 128.0, 128.0]]]]
    """

    _USE_BASE_FACTOR = False
    _FACTOR_BOUNDS = (1, 8)
    _MAX_FACTOR = 8

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: SeedLike = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.factor: Any = checked_factor(factor, "factor", self._FACTOR_BOUNDS, low=1)
        if any(number != int(number) for number in self.factor):
            raise ValueError(f"`factor` must be whole numbers from 1 to 8, got {factor!r}.")
        self.value_range: Any = checked_range(value_range)
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        least, end = (int(number) for number in self.factor)
        bits = random.randint((self._sizes(data)[0],), least, max(end, least + 1), seed=self._source(seed))
        return {"shift_factor": ops.cast(self._MAX_FACTOR - bits, "uint8")}

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        if training:
            by = over_pixels(ops.cast(transformation["shift_factor"], "uint8"))
            images = rescaled(ops.cast(images, self._float), self.value_range, (0, 255))
            images = ops.cast(ops.clip(images, 0, 255), "uint8")
            images = ops.left_shift(ops.right_shift(images, by), by)
            images = rescaled(ops.cast(images, self._float), (0, 255), self.value_range)
        return self._in_compute_dtype(images)

    def get_config(self) -> Config:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range, "seed": self.seed}
