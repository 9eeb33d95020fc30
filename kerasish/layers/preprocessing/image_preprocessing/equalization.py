"""Equalization."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.base.arguments import positive
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import checked_range, rescaled
from kerasish.layers.preprocessing.image_preprocessing.histograms import counted, looked_up, of_channels
from kerasish.typing import Config, TensorLike


class Equalization(BaseImagePreprocessingLayer):
    """Pictures in which every value of a channel is about equally frequent; outside of training they stay.

    The values of a batch are counted together.

    Args:
        value_range: two numbers, the least and the greatest value of the pictures.
        bins: int > 1, into how many bins the values are counted.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`, `data_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which stay.

    Output shape:
        the same, floats.

    >>> import kerasish as keras
    >>> layer = keras.layers.Equalization()
    >>> layer(keras.ops.array([[[[10.0], [10.0], [20.0], [30.0]]]]), training=True).ravel().tolist()
    [0.0, 0.0, 128.0, 255.0]
    """

    _USE_BASE_FACTOR = False

    def __init__(
        self, value_range: Any = (0, 255), bins: int = 256, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.bins: int = positive(bins, "bins")
        self.value_range: Any = checked_range(value_range)

    def transform_images(self, images: TensorLike, transformation: Any = None, training: bool = True) -> Any:
        if training:
            images = rescaled(ops.cast(images, self._float), self.value_range, (0, 255))
            at = ops.cast(ops.clip(images * ((self.bins - 1) / 255), 0, self.bins - 1), "int32")
            counts = ops.sum(counted(at, self.bins, self._axes), axis=0, keepdims=True)
            up_to = ops.cumsum(counts, axis=-1)
            least = ops.min(ops.where(ops.greater(counts, 0), up_to, up_to[..., -1:]), axis=-1, keepdims=True)
            span = up_to[..., -1:] - least
            table = ops.round(ops.divide_no_nan((up_to - least) * 255.0, span))
            flat = ops.equal(of_channels(span[..., 0], self._axes), 0)
            images = ops.where(flat, images, looked_up(table, at, self._axes))
            images = rescaled(images, (0, 255), self.value_range)
        return self._in_compute_dtype(images)

    def get_config(self) -> Config:
        return {**super().get_config(), "bins": self.bins, "value_range": self.value_range}
