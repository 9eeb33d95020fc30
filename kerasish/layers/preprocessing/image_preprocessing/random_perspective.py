"""RandomPerspective."""

from __future__ import annotations

from typing import Any

from kerasish import ops, random
from kerasish.layers.base.arguments import fraction
from kerasish.layers.preprocessing.image_preprocessing.factors import checked_factor, chosen
from kerasish.layers.preprocessing.image_preprocessing.geometry import (
    INTERPOLATIONS,
    GeometricLayer,
    checked_fill,
    supported,
)
from kerasish.ops.image.transforms import homography
from kerasish.typing import AnyTensor, Config, SeedLike


class RandomPerspective(GeometricLayer):
    """Pictures of which some are seen from another side: three of their corners move.

    Args:
        factor: float or two floats from 0 to 1: between which bounds the probability of each picture is drawn; a single
            number stands for (0, factor).
        scale: float from 0 to 1: how far the corners move, in parts of the picture's sizes: up to half of it to either
            side.
        interpolation: "bilinear" or "nearest"; masks always take the nearest point.
        fill_value: float, for what lies outside of the picture.
        seed: int, SeedGenerator or None for a random one.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which are moved with them.

    Output shape:
        the same; pictures as floats.

    >>> import kerasish as keras
    >>> keras.layers.RandomPerspective(scale=0.3)(keras.ops.ones((2, 8, 8, 3)), training=True).shape
    (2, 8, 8, 3)
    """

    fill_mode = "constant"

    def __init__(
        self,
        factor: Any = 1.0,
        scale: float = 1.0,
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        seed: SeedLike = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.factor: Any = checked_factor(factor, "factor", (0, 1))
        self.scale: float = fraction(scale, "scale")
        self.interpolation = supported(interpolation, INTERPOLATIONS, "interpolation")
        self.fill_value = checked_fill(fill_value)
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        batch, height, width = self._sizes(data)
        source = self._source(seed)
        right, bottom = (ops.cast(size - 1, "float32") for size in (width, height))
        corners = ops.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]) * ops.stack([right, bottom])
        start = ops.broadcast_to(ops.expand_dims(corners, 0), (batch, 4, 2))
        by = random.uniform((batch, 4, 2), -0.5 * self.scale, 0.5 * self.scale, dtype="float32", seed=source)
        return {
            "apply_perspective": chosen(batch, self.factor, source),
            "start_points": start,
            "end_points": start * (1 + by),
            "input_shape": self._shape_of(data),
        }

    def matrix_of(self, transformation: Any) -> AnyTensor:
        """That which takes the new corners to the old ones; that which leaves a picture as it is, where it stays."""
        ends, starts = (ops.cast(transformation[name], "float32") for name in ("end_points", "start_points"))
        matrix = homography(ends, starts)
        same = ops.expand_dims(ops.array([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], "float32"), 0)
        return ops.where(ops.expand_dims(transformation["apply_perspective"], 1), matrix, same)

    def get_config(self) -> Config:
        names = ("factor", "scale", "interpolation", "fill_value", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
