"""ELU."""

from __future__ import annotations

from typing import Any

from kerasish import activations
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config


class ELU(Layer):
    """inputs where they are positive, else alpha (exp(inputs) - 1).

    Args:
        alpha: float, the value for large negative inputs with its sign turned.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.ELU()(keras.ops.convert_to_tensor([0.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return activations.elu(inputs, alpha=self.alpha)

    def get_config(self) -> Config:
        return {**super().get_config(), "alpha": self.alpha}
