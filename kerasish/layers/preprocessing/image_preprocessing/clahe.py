"""ContrastLimitedAdaptiveHistogramEqualization."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.dtypes import is_float_dtype
from kerasish.layers.base.arguments import sizes
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import checked_range, rescaled
from kerasish.layers.preprocessing.image_preprocessing.histograms import back, by_channel, counts_of
from kerasish.scalars import is_number
from kerasish.typing import Config, TensorLike


class ContrastLimitedAdaptiveHistogramEqualization(BaseImagePreprocessingLayer):
    """Pictures whose contrast is raised region by region, without raising the noise of even ones (CLAHE).

    The values of each tile are counted, what is counted too often is spread over all values, and each point takes a mix
    of what the four nearest tiles say, in training and outside it.

    Args:
        value_range: two numbers, the least and the greatest value of the pictures.
        clip_limit: float, how many times the mean a value may count; 0 or less for no limit.
        tile_grid_size: two ints > 0, how many tiles there are (down, across).
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`, `data_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which stay.

    Output shape:
        the same, of the dtype of the pictures.

    Reference:
        Zuiderveld, "Contrast Limited Adaptive Histogram Equalization", Graphics Gems IV, 1994.

    >>> import kerasish as keras
    >>> layer = keras.layers.ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(2, 2))
    >>> layer(keras.ops.ones((1, 8, 8, 3))).shape
    (1, 8, 8, 3)
    """

    _USE_BASE_FACTOR = False
    _TAKES_EMPTY = False

    def __init__(
        self,
        value_range: Any = (0, 255),
        clip_limit: float = 4.0,
        tile_grid_size: Any = (8, 8),
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.value_range: Any = checked_range(value_range)
        if not is_number(clip_limit):
            raise ValueError(f"`clip_limit` must be a number, got {clip_limit!r}.")
        self.clip_limit: float = clip_limit
        self.tile_grid_size: Any = sizes(tile_grid_size, 2, "tile_grid_size")

    def transform_images(self, images: TensorLike, transformation: Any = None, training: bool = True) -> Any:
        dtype = images.dtype
        images = rescaled(ops.cast(images, self._float), self.value_range, (0, 255))
        values = by_channel(ops.cast(ops.clip(images, 0, 255), "int32"), self._axes)
        changed = back(self._equalized(values), self._axes)
        changed = rescaled(changed, (0, 255), self.value_range)
        return ops.cast(changed, self.compute_dtype if is_float_dtype(dtype) else dtype)

    def _equalized(self, values):
        """(batch, channels, height, width) of ints from 0 to 255."""
        batch, channels, height, width = values.shape
        down, across = self.tile_grid_size
        rows, columns = -(-height // down), -(-width // across)
        pads = [(0, 0), (0, 0), (0, rows * down - height), (0, columns * across - width)]
        tiles = ops.reshape(ops.pad(values, pads, mode="symmetric"), (batch * channels, down, rows, across, columns))
        tiles = ops.reshape(ops.transpose(tiles, (0, 1, 3, 2, 4)), (batch * channels * down * across, rows * columns))
        tables = ops.reshape(self._tables(counts_of(tiles, 256), rows * columns), (-1,))
        top, bottom, part_down = _neighbours(height, rows, down, self._float)
        left, right, part_across = _neighbours(width, columns, across, self._float)
        first = ops.reshape(ops.arange(batch * channels, dtype="int32") * (down * across), (batch, channels, 1, 1))

        def said(row, column):
            tile = first + ops.expand_dims(row, 1) * across + column
            return ops.take(tables, tile * 256 + values)

        part_down = ops.expand_dims(part_down, 1)
        upper = said(top, left) * (1 - part_across) + said(top, right) * part_across
        lower = said(bottom, left) * (1 - part_across) + said(bottom, right) * part_across
        return upper * (1 - part_down) + lower * part_down

    def _tables(self, counts, points):
        """For each tile what becomes of each value."""
        counts = ops.cast(counts, self._float)
        if self.clip_limit > 0:
            most = self.clip_limit * points / 256
            kept = ops.minimum(counts, most)
            counts = kept + ops.sum(counts - kept, axis=-1, keepdims=True) / 256
        up_to = ops.cumsum(counts, axis=-1)
        least = up_to[..., :1]
        return ops.clip(ops.divide_no_nan((up_to - least) * 255.0, up_to[..., -1:] - least), 0, 255)

    def get_config(self) -> Config:
        names = ("value_range", "clip_limit", "tile_grid_size")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _neighbours(size, points, tiles, dtype):
    """For each point of an axis the tiles before and behind it, and how near it is to the second."""
    at = ops.arange(size, dtype=dtype) / points - 0.5
    before = ops.floor(at)
    index = ops.cast(before, "int32")
    return ops.clip(index, 0, tiles - 1), ops.clip(index + 1, 0, tiles - 1), at - before
