"""RandomGrayscale."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.base.arguments import fraction
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import chosen, over_pixels
from kerasish.typing import Config, SeedLike, TensorLike


class RandomGrayscale(BaseImagePreprocessingLayer):
    """Pictures of which some lose their colours: all channels show the brightness.

    Args:
        factor: float from 0 to 1, the probability of each picture.
        data_format: "channels_last", "channels_first", or None for the global setting.
        seed: int, SeedGenerator or None for a random one.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`, `data_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which stay.

    Output shape:
        the same, of the dtype of the pictures.

    >>> import kerasish as keras
    >>> layer = keras.layers.RandomGrayscale(1.0)
    >>> layer(keras.ops.array([[[[100.0, 0.0, 0.0]]]]), training=True).round().tolist()
    [[[[30.0, 30.0, 30.0]]]]
    """

    _USE_BASE_FACTOR = False

    def __init__(
        self, factor: float = 0.5, data_format: str | None = None, seed: SeedLike = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.factor: float = fraction(factor, "factor")
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        return over_pixels(chosen(self._sizes(data)[0], (self.factor, self.factor), self._source(seed)))

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        if training:
            grey = ops.image.rgb_to_grayscale(images, data_format=self.data_format)
            images = ops.where(transformation, grey, images)
        return images

    def get_config(self) -> Config:
        return {**super().get_config(), "factor": self.factor, "seed": self.seed}
