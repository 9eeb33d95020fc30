"""UpSampling1D."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.base.arguments import positive
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config, IntOrInts


class UpSampling1D(Layer):
    """Each step `size` times.

    Args:
        size: int > 0, how often each step is repeated.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.UpSampling1D(2)(keras.ops.ones((1, 3, 4))).shape
    (1, 6, 4)
    """

    old_arguments: dict[str, str] = {"length": "size"}

    def __init__(self, size: IntOrInts = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size: int = positive(size, "size")
        self.input_spec: InputSpec = InputSpec(ndim=3)

    def call(self, inputs: Any) -> Any:
        return ops.repeat(inputs, self.size, axis=1)

    def get_config(self) -> Config:
        return {**super().get_config(), "size": self.size}
