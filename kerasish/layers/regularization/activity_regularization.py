"""ActivityRegularization."""

from __future__ import annotations

from typing import Any

from kerasish import regularizers
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config


class ActivityRegularization(Layer):
    """Returns its inputs x and adds (l1 sum|x| + l2 sum x^2) / batch size to the loss.

    Args:
        l1: float >= 0, the weight of the sum of absolute values.
        l2: float >= 0, the weight of the sum of squares.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> layer = keras.layers.ActivityRegularization(l1=0.5)
    >>> _ = layer(keras.ops.ones((2,)))
    >>> float(layer.losses[0])
    0.5
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.l1: float = l1
        self.l2: float = l2
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return inputs

    def get_config(self) -> Config:
        config = super().get_config()
        config.pop("activity_regularizer", None)
        return {**config, "l1": self.l1, "l2": self.l2}
