"""RandomZoom."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.preprocessing.image_preprocessing.factors import checked_factor, one_each
from kerasish.layers.preprocessing.image_preprocessing.geometry import GeometricLayer, matrix
from kerasish.typing import AnyTensor, Config, SeedLike


class RandomZoom(GeometricLayer):
    """Pictures seen from nearer or from further away, each by numbers of its own.

    Args:
        height_factor: float or two floats above -1 and up to 1: between which bounds the number is drawn by which more
            (or, negative, fewer) rows are seen; a single number stands for (-height_factor, height_factor).
        width_factor: the same for columns; None for the number of the rows, so that proportions stay.
        fill_mode: what lies outside of a picture: "reflect" (the picture mirrored at its edge), "wrap" (the picture
            again), "constant" (`fill_value`) or "nearest" (the point at the edge).
        interpolation: "bilinear" or "nearest"; masks always take the nearest point.
        seed: int, SeedGenerator or None for a random one.
        fill_value: float, for `fill_mode="constant"`.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which are zoomed with them.

    Output shape:
        the same; pictures as floats.

    >>> import kerasish as keras
    >>> layer = keras.layers.RandomZoom((-0.5, -0.5), fill_mode="constant")
    >>> layer(keras.ops.array([[[[1.0], [2.0], [3.0]]]]), training=True).ravel().tolist()
    [1.5, 2.0, 2.5]
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: SeedLike = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height_factor: Any = height_factor
        self.width_factor: Any = width_factor
        self._rows = checked_factor(height_factor, "height_factor", (-1, 1))
        self._columns = None if width_factor is None else checked_factor(width_factor, "width_factor", (-1, 1))
        for name, bounds in (("height_factor", self._rows), ("width_factor", self._columns)):
            given = getattr(self, name)
            if bounds is not None and -1 in (given if isinstance(given, (list, tuple)) else (given,)):
                raise ValueError(f"`{name}` must be above -1, of which nothing would be seen, got {given!r}.")
        self._set_modes(interpolation, fill_mode, fill_value)
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        batch, source = self._sizes(data)[0], self._source(seed)
        rows, columns = (
            None if bounds is None else 1 + one_each(batch, bounds, source, "float32")
            for bounds in (self._rows, self._columns)
        )
        return {
            "height_zoom": ops.expand_dims(rows, 1),
            "width_zoom": ops.expand_dims(rows if columns is None else columns, 1),
            "input_shape": self._shape_of(data),
        }

    def matrix_of(self, transformation: Any) -> AnyTensor:
        height, width = self.size_of(transformation)
        rows, columns = (ops.convert_to_tensor(transformation[name])[:, 0] for name in ("height_zoom", "width_zoom"))
        zeros = ops.zeros_like(rows)
        x, y = (width - 1) / 2 * (1 - columns), (height - 1) / 2 * (1 - rows)
        return matrix(columns, zeros, x, zeros, rows, y, zeros, zeros)

    def get_config(self) -> Config:
        names = ("height_factor", "width_factor", "fill_mode", "interpolation", "seed", "fill_value")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
