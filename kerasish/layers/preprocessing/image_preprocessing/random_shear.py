"""RandomShear."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.preprocessing.image_preprocessing.factors import checked_factor, one_each, to_either_side
from kerasish.layers.preprocessing.image_preprocessing.geometry import GeometricLayer, matrix
from kerasish.typing import AnyTensor, Config, SeedLike


class RandomShear(GeometricLayer):
    """Pictures whose rows slide along one another, or their columns, each by numbers of its own.

    Args:
        x_factor: float or two floats from 0 to 1: between which bounds the number is drawn by which each row slides
            against the one above it, to either side; a single number stands for (-x_factor, x_factor).
        y_factor: the same for columns.
        interpolation: "bilinear" or "nearest"; masks always take the nearest point.
        fill_mode: what lies outside of a picture: "reflect" (the picture mirrored at its edge), "wrap" (the picture
            again), "constant" (`fill_value`) or "nearest" (the point at the edge).
        fill_value: float, for `fill_mode="constant"`.
        data_format: "channels_last", "channels_first", or None for the global setting.
        seed: int, SeedGenerator or None for a random one.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which are sheared with them.

    Output shape:
        the same; pictures as floats.

    >>> import kerasish as keras
    >>> keras.layers.RandomShear(0.2, 0.1)(keras.ops.ones((2, 8, 8, 3)), training=True).shape
    (2, 8, 8, 3)
    """

    def __init__(
        self,
        x_factor: Any = 0.0,
        y_factor: Any = 0.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        data_format: str | None = None,
        seed: SeedLike = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.x_factor: Any = x_factor
        self.y_factor: Any = y_factor
        self._across, self._down = _bounds(x_factor, "x_factor"), _bounds(y_factor, "y_factor")
        self._set_modes(interpolation, fill_mode, fill_value)
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        batch, source = self._sizes(data)[0], self._source(seed)
        drawn = [
            to_either_side(one_each(batch, bounds, source, "float32"), source) for bounds in (self._across, self._down)
        ]
        return {"shear_factor": ops.stack(drawn, axis=1), "input_shape": self._shape_of(data)}

    def matrix_of(self, transformation: Any) -> AnyTensor:
        slopes = ops.convert_to_tensor(transformation["shear_factor"])
        x, y = slopes[:, 0], slopes[:, 1]
        ones, zeros = ops.ones_like(x), ops.zeros_like(x)
        return matrix(ones, x, zeros, y, ones, zeros, zeros, zeros)

    def get_config(self) -> Config:
        names = ("x_factor", "y_factor", "fill_mode", "interpolation", "seed", "fill_value")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _bounds(factor, name):
    """(lower, upper); what an earlier `get_config` wrote, (-factor, factor), is taken again."""
    if isinstance(factor, (list, tuple)) and len(factor) == 2 and factor[0] == -factor[1]:
        factor = abs(factor[1])
    lower, upper = checked_factor(factor, name, (0, 1))
    return (-upper, upper) if not isinstance(factor, (list, tuple)) else (lower, upper)
