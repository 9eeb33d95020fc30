"""ParametricSoftplus."""

from __future__ import annotations

from typing import Any

from kerasish import activations, initializers
from kerasish.backend.variable import Variable
from kerasish.layers.base.layer import Layer
from kerasish.layers.legacy.shared_slopes import slope_shape
from kerasish.typing import Axis, Config, ShapeLike


class ParametricSoftplus(Layer):
    """A layer of Keras 1: alpha * log(1 + exp(beta * inputs)), where alpha and beta are learnt for each feature.

    Args:
        alpha_init: float, with which alpha begins.
        beta_init: float, with which beta begins.
        shared_axes: int, ints or None; axes of the inputs, counted with the batch, along which they are shared.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> layer = keras.layers.ParametricSoftplus(alpha_init=2.0, beta_init=1.0)
    >>> round(float(layer(keras.ops.zeros((1, 1)))[0, 0]), 4)
    1.3863
    """

    def __init__(
        self, alpha_init: float = 0.2, beta_init: float = 5.0, shared_axes: Axis = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_init: float = float(alpha_init)
        self.beta_init: float = float(beta_init)
        self.shared_axes: Any = shared_axes
        self.supports_masking = True

    def build(self, input_shape: ShapeLike) -> None:
        shape = slope_shape(input_shape, self.shared_axes, self.name)
        self.alpha: Variable = self.add_weight(shape, initializers.Constant(self.alpha_init), name="alpha")
        self.beta: Variable = self.add_weight(shape, initializers.Constant(self.beta_init), name="beta")

    def call(self, inputs: Any) -> Any:
        return activations.softplus(self.beta * inputs) * self.alpha

    def get_config(self) -> Config:
        names = ("alpha_init", "beta_init", "shared_axes")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
