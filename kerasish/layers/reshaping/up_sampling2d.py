"""UpSampling2D."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.settings import standardize_data_format
from kerasish.layers.base.arguments import one_of, sizes
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config, IntOrInts

_INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")


class UpSampling2D(Layer):
    """Larger images.

    Args:
        size: an int or 2 ints, the factors.
        data_format: "channels_last", "channels_first", or None for the global setting.
        interpolation: "nearest" (repeat pixels), "bilinear", "bicubic", "lanczos3" or "lanczos5".
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.UpSampling2D(2)(keras.ops.ones((1, 2, 3, 4))).shape
    (1, 4, 6, 4)
    """

    def __init__(
        self, size: IntOrInts = (2, 2), data_format: str | None = None, interpolation: str = "nearest", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format: str = standardize_data_format(data_format)
        self.size: tuple[int, ...] = sizes(size, 2, "size")
        self.interpolation: str = one_of(interpolation, _INTERPOLATIONS, "interpolation")
        self.input_spec: InputSpec = InputSpec(ndim=4)

    def call(self, inputs: Any) -> Any:
        height = 1 if self.data_format == "channels_last" else 2
        if self.interpolation == "nearest":
            return ops.repeat(ops.repeat(inputs, self.size[0], axis=height), self.size[1], axis=height + 1)
        target = (inputs.shape[height] * self.size[0], inputs.shape[height + 1] * self.size[1])
        return ops.image.resize(inputs, target, interpolation=self.interpolation, data_format=self.data_format)

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "size": self.size,
            "data_format": self.data_format,
            "interpolation": self.interpolation,
        }
