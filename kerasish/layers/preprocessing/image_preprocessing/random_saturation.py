"""RandomSaturation."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.preprocessing.image_preprocessing.colour_layer import ColourLayer
from kerasish.layers.preprocessing.image_preprocessing.colours import hsv_channels, rgb_of
from kerasish.layers.preprocessing.image_preprocessing.factors import over_pixels, rescaled
from kerasish.typing import AnyTensor, TensorLike


class RandomSaturation(ColourLayer):
    """Pictures with stronger or paler colours, each by a number of its own.

    Args:
        factor: float or two floats from -1 to 1: between which bounds a number f is drawn; saturation is multiplied by
            f / (1 - f), so that 0 makes grey, 0.5 changes nothing and 1 makes the colours pure. A single number stands
            for (-factor, factor).
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
    >>> layer = keras.layers.RandomSaturation((0.0, 0.0), value_range=(0, 1))
    >>> layer(keras.ops.array([[[[1.0, 0.0, 0.5]]]]), training=True).tolist()
    [[[[1.0, 1.0, 1.0]]]]
    """

    def factor_of(self, drawn: AnyTensor, source: Any) -> AnyTensor:
        return drawn / (1 - drawn + 1e-7)

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        if training:
            by = over_pixels(ops.cast(transformation["factor"], self._float))
            images = rescaled(ops.cast(images, self._float), self.value_range, (0, 1))
            hue, saturation, value = hsv_channels(images, self._axes[2], self.data_format)
            images = rgb_of(hue, ops.clip(saturation * by, 0, 1), value, self._axes[2], self.data_format)
            images = rescaled(images, (0, 1), self.value_range)
        return self._in_compute_dtype(images)
