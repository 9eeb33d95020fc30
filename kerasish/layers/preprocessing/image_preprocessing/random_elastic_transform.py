"""RandomElasticTransform."""

from __future__ import annotations

import math
from typing import Any

from kerasish import ops, random
from kerasish.backend.graph import KerasTensor
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import (
    checked_factor,
    checked_range,
    chosen,
    one_each,
    over_pixels,
)
from kerasish.layers.preprocessing.image_preprocessing.geometry import (
    FILL_MODES,
    INTERPOLATIONS,
    checked_fill,
    supported,
)
from kerasish.layers.preprocessing.image_preprocessing.random_gaussian_blur import bell
from kerasish.ops.image.coordinates import order_named, sampled
from kerasish.ops.image.image_axes import ImageBatch
from kerasish.typing import Config, SeedLike, TensorLike
from kerasish.utils.bounding_boxes.moves import around


class RandomElasticTransform(BaseImagePreprocessingLayer):
    """Pictures of which some are pulled here and there, as if drawn on rubber.

    Args:
        factor: float or two floats from 0 to 1: between which bounds the probability of each picture is drawn; a single
            number stands for (0, factor).
        scale: float or two floats from 0 to 1: between which bounds the strength is drawn for the batch; a single
            number stands for (0, scale). The distances are about 3 % of the larger side at 1, over regions of 5 % of
            the smaller one.
        interpolation: "bilinear" or "nearest"; masks always take the nearest point.
        fill_mode: what lies outside of a picture: "reflect" (the picture mirrored at its edge), "wrap" (the picture
            again), "constant" (`fill_value`), "nearest" (the point at the edge) or "mirror" (as "reflect", the point at
            the edge once).
        fill_value: float, for `fill_mode="constant"`.
        value_range: two numbers, the least and the greatest value of the pictures.
        seed: int, SeedGenerator or None for a random one.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which are pulled with them.

    Output shape:
        the same; pictures as floats.

    Reference:
        Simard et al., "Best Practices for Convolutional Neural Networks Applied to Visual Document Analysis", 2003.

    >>> import kerasish as keras
    >>> keras.layers.RandomElasticTransform(seed=1)(keras.ops.ones((2, 8, 8, 3)), training=True).shape
    (2, 8, 8, 3)
    """

    _USE_BASE_FACTOR = False

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = 1.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        value_range: Any = (0, 255),
        seed: SeedLike = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.factor: Any = checked_factor(factor, "factor", (0, 1))
        self.scale: Any = checked_factor(scale, "scale", (0, 1))
        self.interpolation: str = supported(interpolation, INTERPOLATIONS, "interpolation")
        self.fill_mode: str = supported(fill_mode, (*FILL_MODES, "mirror"), "fill_mode")
        self.fill_value: float = checked_fill(fill_value)
        self.value_range: Any = checked_range(value_range)
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        batch, height, width = self._sizes(data)
        source = self._source(seed)
        strength = one_each(1, self.scale, source, "float32")[0]
        region = 0.05 * min(height, width) * strength
        distance = 0.1 * max(height, width) * strength
        noise = random.normal((batch, height, width, 2), dtype="float32", seed=source)
        reach = max(1, math.ceil(0.15 * min(height, width) * self.scale[1]))
        taps = bell(2 * reach + 1, region, "float32")
        for shape in ((-1, 1, 1, 1), (1, -1, 1, 1)):
            kernel = ops.tile(ops.reshape(taps, shape), (1, 1, 2, 1))
            noise = ops.depthwise_conv(noise, kernel, padding="same", data_format="channels_last")
        return {
            "apply_transform": chosen(batch, self.factor, source),
            "distortion_factor": strength,
            "displacement": noise * (distance * region),  # (down, across), of a deviation that hangs on `distance`
        }

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        if training:
            images = self._pulled(ops.cast(images, self._float), transformation, self.interpolation)
            images = ops.clip(images, *self.value_range)
        return self._in_compute_dtype(images)

    def transform_segmentation_masks(
        self, segmentation_masks: TensorLike, transformation: Any, training: bool = True
    ) -> Any:
        if not training:
            return segmentation_masks
        return self._pulled(segmentation_masks, transformation, "nearest")

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        if not training:
            return bounding_boxes
        moves = self._moves(transformation)
        height, width = moves.shape[1], moves.shape[2]
        flat = ops.reshape(moves, (-1, height * width, 2))

        def point(x, y):
            row, column = (ops.cast(ops.clip(at, 0, size - 1), "int32") for at, size in ((y, height), (x, width)))
            found = ops.cast(ops.take_along_axis(flat, row * width + column, axis=1), x.dtype)
            return x - found[..., 1:], y - found[..., :1]

        corners = ops.split(self._corners(bounding_boxes, height, width), 4, axis=-1)
        moved = ops.concatenate(around(point)(*corners), axis=-1)
        return self._boxes_of(moved, bounding_boxes, height, width)

    def _moves(self, transformation):
        moves = transformation["displacement"]
        return ops.where(over_pixels(transformation["apply_transform"]), moves, ops.zeros_like(moves))

    def _pulled(self, images, transformation, interpolation):
        batch, moves = ImageBatch(images, self.data_format), self._moves(transformation)
        y = ops.reshape(ops.arange(moves.shape[1], dtype="float32"), (1, -1, 1)) + moves[..., 0]
        x = ops.reshape(ops.arange(moves.shape[2], dtype="float32"), (1, 1, -1)) + moves[..., 1]
        return batch.back(sampled(batch.images, (y, x), order_named(interpolation), self.fill_mode, self.fill_value))

    def compute_output_spec(self, data: Any, training: bool = True) -> Any:
        if isinstance(data, dict):
            return super().compute_output_spec(data, training=training)
        return KerasTensor(tuple(data.shape), self.compute_dtype)

    def get_config(self) -> Config:
        names = ("factor", "scale", "interpolation", "fill_mode", "fill_value", "value_range", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
