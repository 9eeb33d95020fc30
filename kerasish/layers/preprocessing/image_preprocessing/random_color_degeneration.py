"""RandomColorDegeneration."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.preprocessing.image_preprocessing.colour_layer import ColourLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import over_pixels
from kerasish.typing import AnyTensor, TensorLike


class RandomColorDegeneration(ColourLayer):
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

    def factor_of(self, drawn: AnyTensor, source: Any) -> AnyTensor:
        return over_pixels(drawn)

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        if training:
            images = ops.cast(images, self._float)
            part = ops.cast(transformation["factor"], self._float)
            grey = ops.image.rgb_to_grayscale(images, data_format=self.data_format)
            images = ops.clip(images + part * (grey - images), *self.value_range)
        return self._in_compute_dtype(images)
