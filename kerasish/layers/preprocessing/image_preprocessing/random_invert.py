"""RandomInvert."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import checked_factor, checked_range, chosen, over_pixels
from kerasish.typing import Config, SeedLike, TensorLike


class RandomInvert(BaseImagePreprocessingLayer):
    """Pictures of which some become their negatives.

    Args:
        factor: float or two floats from 0 to 1: between which bounds the probability of each picture is drawn; a single
            number stands for (0, factor).
        value_range: two numbers, the least and the greatest value of the pictures.
        seed: int, SeedGenerator or None for a random one.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`, `data_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which stay.

    Output shape:
        the same, floats.

    >>> import kerasish as keras
    >>> layer = keras.layers.RandomInvert((1.0, 1.0))
    >>> layer(keras.ops.array([[[[100.0, 0.0, 255.0]]]]), training=True).tolist()
    [[[[155.0, 255.0, 0.0]]]]
    """

    _USE_BASE_FACTOR = False
    _FACTOR_BOUNDS = (0, 1)

    def __init__(
        self,
        factor: Any = 1.0,
        value_range: Any = (0, 255),
        seed: SeedLike = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.factor: Any = checked_factor(factor, "factor", self._FACTOR_BOUNDS)
        self.value_range: Any = checked_range(value_range)
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        return {"apply_inversion": chosen(self._sizes(data)[0], self.factor, self._source(seed))}

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        if training:
            images = ops.cast(images, self._float)
            inverted = sum(self.value_range) - images
            images = ops.where(over_pixels(transformation["apply_inversion"]), inverted, images)
        return self._in_compute_dtype(images)

    def get_config(self) -> Config:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range, "seed": self.seed}
