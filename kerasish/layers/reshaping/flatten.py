"""Flatten."""

from __future__ import annotations

import math
from typing import Any

from kerasish import ops
from kerasish.backend.settings import standardize_data_format
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config


class Flatten(Layer):
    """All axes after the batch in one.

    Args:
        data_format: "channels_last", or "channels_first" to move the channels to the end before.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.Flatten()(keras.ops.ones((2, 3, 4))).shape
    (2, 12)
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format: str = standardize_data_format(data_format)
        self.input_spec: InputSpec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        rank = len(inputs.shape)
        if self.data_format == "channels_first" and rank > 1:
            inputs = ops.transpose(inputs, (0, *range(2, rank), 1))
        if rank == 1:
            return ops.expand_dims(inputs, -1)
        return ops.reshape(inputs, (inputs.shape[0], math.prod(inputs.shape[1:])))

    def get_config(self) -> Config:
        return {**super().get_config(), "data_format": self.data_format}
