"""ThresholdedReLU."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config


class ThresholdedReLU(Layer):
    """A layer of Keras 1 and 2: inputs where they are more than `theta`, else 0.

    `ReLU(threshold=theta)` lets `theta` itself through, too.

    Args:
        theta: float >= 0.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Raises:
        ValueError: for another `theta`.

    Reference:
        Konda et al., "Zero-bias autoencoders and the benefits of co-adapting features", 2014.

    >>> import kerasish as keras
    >>> keras.layers.ThresholdedReLU(1.0)(keras.ops.convert_to_tensor([-2.0, 1.0, 3.0])).tolist()
    [0.0, 0.0, 3.0]
    """

    _public_module = "keras._legacy.layers"  # where Keras 3, which reads it in files, has it

    def __init__(self, theta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if theta is None or theta < 0:
            raise ValueError(f"`theta` must be >= 0, got {theta!r}.")
        self.theta: float = float(theta)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return ops.where(ops.greater(inputs, self.theta), inputs, ops.zeros_like(inputs))

    def get_config(self) -> Config:
        return {**super().get_config(), "theta": self.theta}
