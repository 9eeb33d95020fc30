"""RandomColorDegeneration."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import checked_range, one_each, over_pixels
from kerasish.typing import Config, SeedLike, TensorLike


class RandomColorDegeneration(BaseImagePreprocessingLayer):
    """Pictures with paler colours: a mix of each with its own grey.

    Args:
        factor: float or two floats from -1 to 1: between which bounds the part of grey is drawn, 0 for none and 1 for
            grey alone; a single number stands for (-factor, factor).
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
    >>> layer = keras.layers.RandomColorDegeneration((1.0, 1.0))
    >>> layer(keras.ops.array([[[[100.0, 0.0, 0.0]]]]), training=True).round().tolist()
    [[[[30.0, 30.0, 30.0]]]]
    """

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: SeedLike = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor=factor, data_format=data_format, **kwargs)
        self.value_range: Any = checked_range(value_range)
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        return {"factor": over_pixels(one_each(self._sizes(data)[0], self.factor, self._source(seed), self._float))}

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        if training:
            images = ops.cast(images, self._float)
            part = ops.cast(transformation["factor"], self._float)
            grey = ops.image.rgb_to_grayscale(images, data_format=self.data_format)
            images = ops.clip(images + part * (grey - images), *self.value_range)
        return self._in_compute_dtype(images)

    def get_config(self) -> Config:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range, "seed": self.seed}
