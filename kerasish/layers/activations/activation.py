"""Activation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import activations
from kerasish.layers.base.layer import Layer
from kerasish.typing import ActivationLike, Config


class Activation(Layer):
    """A function of each element (or of an axis), by name.

    Args:
        activation: name ("relu", "softmax", ...) or function.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.Activation("relu")(keras.ops.convert_to_tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def __init__(self, activation: ActivationLike, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation: Callable[..., Any] = activations.get(activation)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs)

    def get_config(self) -> Config:
        return {**super().get_config(), "activation": activations.serialize(self.activation)}
