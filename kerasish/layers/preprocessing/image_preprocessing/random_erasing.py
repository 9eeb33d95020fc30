"""RandomErasing."""

from __future__ import annotations

from typing import Any

from kerasish import ops, random
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import (
    checked_factor,
    checked_range,
    chosen,
    is_number,
    one_each,
    over_pixels,
)
from kerasish.layers.preprocessing.image_preprocessing.patches import over_batch, rectangles
from kerasish.typing import Config, SeedLike, TensorLike


class RandomErasing(BaseImagePreprocessingLayer):
    """Pictures of which some lose a rectangle, which is filled with noise or with a number.

    Args:
        factor: float or two floats from 0 to 1: between which bounds the probability of each picture is drawn; a single
            number stands for (0, factor).
        scale: float or two floats from 0 to 1: between which bounds numbers are drawn for the height and the width of
            the rectangle, whose roots are the parts of the picture; a single number stands for (0, scale).
        fill_value: float, the values within the rectangle; None for noise.
        value_range: two numbers, the least and the greatest value of the pictures.
        seed: int, SeedGenerator or None for a random one.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`, `data_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which stay.

    Output shape:
        the same, floats.

    Reference:
        Zhong et al., "Random Erasing Data Augmentation", 2017.

    >>> import kerasish as keras
    >>> layer = keras.layers.RandomErasing((1.0, 1.0), scale=(0.5, 0.5), fill_value=0.0)
    >>> bool((layer(keras.ops.ones((1, 9, 9, 3)), training=True) == 0).any())
    True
    """

    _USE_BASE_FACTOR = False
    _FACTOR_BOUNDS = (0, 1)

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = (0.02, 0.33),
        fill_value: float | None = None,
        value_range: Any = (0, 255),
        seed: SeedLike = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.factor: Any = checked_factor(factor, "factor", self._FACTOR_BOUNDS)
        self.scale: Any = checked_factor(scale, "scale", self._FACTOR_BOUNDS)
        if fill_value is not None and not is_number(fill_value):
            raise ValueError(f"`fill_value` must be a number or None, got {fill_value!r}.")
        self.fill_value: float | None = fill_value
        self.value_range: Any = checked_range(value_range)
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        images = data["images"] if isinstance(data, dict) else data
        batch, height, width = self._sizes(data)
        source = self._source(seed)
        apply = chosen(batch, self.factor, source)
        rows = height * ops.sqrt(one_each(batch, self.scale, source, "float32"))
        columns = width * ops.sqrt(one_each(batch, self.scale, source, "float32"))
        top = (height - rows) * one_each(batch, (0, 1), source, "float32")
        left = (width - columns) * one_each(batch, (0, 1), source, "float32")
        masks = over_batch(rectangles(top, left, rows, columns, height, width), self.data_format)
        low, high = self.value_range
        if self.fill_value is None:
            shape = images.shape if len(images.shape) == 4 else (1, *images.shape)
            noise = random.normal(shape, dtype=self._float, seed=source)
            fill = low + (high - low) * ops.clip(noise, 0, 1)
        else:
            fill = ops.cast(self.fill_value, self._float)
        return {"apply_erasing": apply, "batch_masks": masks, "fill_value": fill}

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        if training:
            images = ops.cast(images, self._float)
            erased = ops.logical_and(over_pixels(transformation["apply_erasing"]), transformation["batch_masks"])
            images = ops.where(erased, ops.cast(transformation["fill_value"], self._float), images)
        return self._in_compute_dtype(images)

    def get_config(self) -> Config:
        names = ("factor", "scale", "fill_value", "value_range", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
