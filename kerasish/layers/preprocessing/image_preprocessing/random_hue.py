"""RandomHue."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.preprocessing.image_preprocessing.colour_layer import ColourLayer
from kerasish.layers.preprocessing.image_preprocessing.colours import hsv_channels, rgb_of
from kerasish.layers.preprocessing.image_preprocessing.factors import over_pixels, rescaled, to_either_side
from kerasish.typing import AnyTensor, TensorLike


class RandomHue(ColourLayer):
    """Pictures whose colours are turned around the circle of hues, each by a number of its own.

    Args:
        factor: float or two floats from 0 to 1: between which bounds the size of the turn is drawn, 1 for half of the
            circle, to either side; a single number stands for (0, factor).
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
    >>> layer = keras.layers.RandomHue((1.0, 1.0), value_range=(0, 1))
    >>> layer(keras.ops.array([[[[1.0, 0.0, 0.0]]]]), training=True).round(3).tolist()
    [[[[0.0, 1.0, 1.0]]]]
    """

    _FACTOR_BOUNDS = (0, 1)

    def factor_of(self, drawn: AnyTensor, source: Any) -> AnyTensor:
        return to_either_side(drawn, source) * 0.5

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        if training:
            turn = over_pixels(ops.cast(transformation["factor"], self._float))
            images = rescaled(ops.cast(images, self._float), self.value_range, (0, 1))
            hue, saturation, value = hsv_channels(images, self._axes[2], self.data_format)
            hue = hue + turn
            hue = ops.where(ops.greater(hue, 1.0), hue - 1.0, ops.where(ops.less(hue, 0.0), hue + 1.0, hue))
            images = rgb_of(hue, saturation, value, self._axes[2], self.data_format)
            images = rescaled(images, (0, 1), self.value_range)
        return self._in_compute_dtype(images)
