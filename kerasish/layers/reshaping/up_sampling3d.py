"""UpSampling3D."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.settings import standardize_data_format
from kerasish.layers.base.arguments import sizes
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config, IntOrInts


class UpSampling3D(Layer):
    """Larger volumes: each point `size` times along each axis (an int or 3 ints).

    Args:
        size: an int or 3 ints, the factors of depth, height and width.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.UpSampling3D(2)(keras.ops.ones((1, 2, 2, 3, 1))).shape
    (1, 4, 4, 6, 1)
    """

    def __init__(self, size: IntOrInts = (2, 2, 2), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format: str = standardize_data_format(data_format)
        self.size: tuple[int, ...] = sizes(size, 3, "size")
        self.input_spec: InputSpec = InputSpec(ndim=5)

    def call(self, inputs: Any) -> Any:
        first = 1 if self.data_format == "channels_last" else 2
        for axis, factor in enumerate(self.size, first):
            inputs = ops.repeat(inputs, factor, axis=axis)
        return inputs

    def get_config(self) -> Config:
        return {**super().get_config(), "size": self.size, "data_format": self.data_format}
