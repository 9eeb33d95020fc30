"""RandomRotation."""

from __future__ import annotations

import math
from typing import Any

from kerasish import ops
from kerasish.layers.preprocessing.image_preprocessing.factors import checked_factor, one_each
from kerasish.layers.preprocessing.image_preprocessing.geometry import GeometricLayer, matrix
from kerasish.typing import AnyTensor, Config, SeedLike


class RandomRotation(GeometricLayer):
    """Pictures turned around their middle, each by an angle of its own.

    Args:
        factor: float or two floats from -1 to 1: between which bounds the angle is drawn, in full turns,
            counter-clockwise where positive; a single number stands for (-factor, factor).
        fill_mode: what lies outside of a picture: "reflect" (the picture mirrored at its edge), "wrap" (the picture
            again), "constant" (`fill_value`) or "nearest" (the point at the edge).
        interpolation: "bilinear" or "nearest"; masks always take the nearest point.
        seed: int, SeedGenerator or None for a random one.
        fill_value: float, for `fill_mode="constant"`.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which are turned with them.

    Output shape:
        the same; pictures as floats.

    >>> import kerasish as keras
    >>> layer = keras.layers.RandomRotation((0.25, 0.25))
    >>> layer(keras.ops.array([[[[1.0], [2.0]], [[3.0], [4.0]]]]), training=True).round().ravel().tolist()
    [2.0, 4.0, 1.0, 3.0]
    """

    _FACTOR_BOUNDS = (-1, 1)

    def __init__(
        self,
        factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: SeedLike = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.factor: Any = checked_factor(factor, "factor", self._FACTOR_BOUNDS)
        self._set_modes(interpolation, fill_mode, fill_value)
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        batch, height, width = self._sizes(data)
        degrees = one_each(batch, [360 * bound for bound in self.factor], self._source(seed), "float32")
        angle = degrees * (math.pi / 180)
        cos, sin, zeros = ops.cos(angle), ops.sin(angle), ops.zeros_like(angle)
        x, y = (width - 1) / 2, (height - 1) / 2
        turn = matrix(cos, -sin, x - x * cos + y * sin, sin, cos, y - x * sin - y * cos, zeros, zeros)
        return {
            "angle": degrees,
            "rotation_matrix": turn,
            "image_height": height,
            "image_width": width,
            "batch_size": batch,
        }

    def matrix_of(self, transformation: Any) -> AnyTensor:
        return transformation["rotation_matrix"]

    def size_of(self, transformation: Any) -> tuple[Any, Any]:
        return transformation["image_height"], transformation["image_width"]

    def get_config(self) -> Config:
        names = ("factor", "fill_mode", "fill_value", "interpolation", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
