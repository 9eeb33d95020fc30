"""What the adaptive pooling layers share."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.backend.settings import standardize_data_format
from kerasish.layers.base.arguments import sizes
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config, IntOrInts, ShapeLike


class BaseAdaptivePooling(Layer):
    """The maximum or mean of windows that are chosen so that `output_size` of them cover each axis of space.

    Args:
        rank: 1, 2 or 3. mode: "max" or "average". The rest as in `AdaptiveAveragePooling2D`.
    """

    def __init__(
        self, rank: int, mode: str, output_size: IntOrInts, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.output_size: tuple[int, ...] = sizes(output_size, rank, "output_size")
        self.data_format: str = standardize_data_format(data_format)
        self.mode = mode
        self.input_spec: InputSpec = InputSpec(ndim=rank + 2)

    def call(self, inputs: Any) -> Any:
        if 0 in (inputs.shape[1:-1] if self.data_format == "channels_last" else inputs.shape[2:]):
            raise ValueError(f"{self.name!r} has nothing to pool: the inputs have the shape {tuple(inputs.shape)}.")
        pool = ops.adaptive_max_pool if self.mode == "max" else ops.adaptive_average_pool
        return pool(inputs, self.output_size, data_format=self.data_format)

    def compute_output_shape(self, input_shape: ShapeLike) -> Any:
        if self.data_format == "channels_last":
            return (input_shape[0], *self.output_size, input_shape[-1])
        return (*input_shape[:2], *self.output_size)

    def get_config(self) -> Config:
        return {**super().get_config(), "output_size": self.output_size, "data_format": self.data_format}
