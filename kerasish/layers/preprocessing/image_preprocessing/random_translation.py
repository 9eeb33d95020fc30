"""RandomTranslation."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.preprocessing.image_preprocessing.factors import checked_factor, one_each
from kerasish.layers.preprocessing.image_preprocessing.geometry import GeometricLayer, matrix
from kerasish.typing import AnyTensor, Config, SeedLike


class RandomTranslation(GeometricLayer):
    """Pictures moved down and to the right, each by numbers of its own.

    Args:
        height_factor: float or two floats from -1 to 1: between which bounds the way down is drawn, in parts of the
            height; a single number stands for (-height_factor, height_factor).
        width_factor: float or two floats from -1 to 1: the same to the right, in parts of the width.
        fill_mode: what lies outside of a picture: "reflect" (the picture mirrored at its edge), "wrap" (the picture
            again), "constant" (`fill_value`) or "nearest" (the point at the edge).
        interpolation: "bilinear" or "nearest"; masks always take the nearest point.
        seed: int, SeedGenerator or None for a random one.
        fill_value: float, for `fill_mode="constant"`.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which are moved with them.

    Output shape:
        the same; pictures as floats.

    >>> import kerasish as keras
    >>> layer = keras.layers.RandomTranslation(0.0, (0.5, 0.5), fill_mode="constant")
    >>> layer(keras.ops.array([[[[1.0], [2.0]]]]), training=True).ravel().tolist()
    [0.0, 1.0]
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: SeedLike = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height_factor: Any = height_factor
        self._down = checked_factor(height_factor, "height_factor", (-1, 1))
        self.width_factor: Any = width_factor
        self._across = checked_factor(width_factor, "width_factor", (-1, 1))
        self._set_modes(interpolation, fill_mode, fill_value)
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        batch, height, width = self._sizes(data)
        source = self._source(seed)
        down = height * one_each(batch, self._down, source, "float32")
        across = width * one_each(batch, self._across, source, "float32")
        return {"translations": ops.stack([across, down], axis=1), "input_shape": self._shape_of(data)}

    def matrix_of(self, transformation: Any) -> AnyTensor:
        moves = ops.convert_to_tensor(transformation["translations"])
        across, down = moves[:, 0], moves[:, 1]
        ones, zeros = ops.ones_like(across), ops.zeros_like(across)
        return matrix(ones, zeros, -across, zeros, ones, -down, zeros, zeros)

    def get_config(self) -> Config:
        names = ("height_factor", "width_factor", "fill_mode", "interpolation", "seed", "fill_value")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
