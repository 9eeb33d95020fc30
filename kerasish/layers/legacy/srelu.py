"""SReLU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import initializers, ops
from kerasish.backend.variable import Variable
from kerasish.layers.base.arguments import serialized
from kerasish.layers.base.layer import Layer
from kerasish.layers.legacy.shared_slopes import slope_shape
from kerasish.typing import Axis, Config, InitializerLike, ShapeLike

_PARTS = ("t_left", "a_left", "t_right", "a_right")


class SReLU(Layer):
    """A layer of Keras 1: the identity between two learnt thresholds, straight lines of learnt slopes beyond them.

    With l = t_left and r = t_left + |t_right|: inputs in between, l + a_left * (inputs - l) below l, and
    r + a_right * (inputs - r) above r.

    Args:
        t_left_init: Initializer, its name or config, for the left threshold.
        a_left_init: Initializer, its name or config, for the left slope.
        t_right_init: Initializer, its name or config, for the distance of the right threshold.
        a_right_init: Initializer, its name or config, for the right slope.
        shared_axes: int, ints or None; axes of the inputs, counted with the batch, along which they are shared.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Reference:
        Jin et al., "Deep learning with S-shaped rectified linear activation units", 2015.

    >>> import kerasish as keras
    >>> layer = keras.layers.SReLU(a_left_init="zeros", t_right_init="ones", a_right_init="zeros")
    >>> layer(keras.ops.convert_to_tensor([[-2.0, 0.5, 3.0]])).tolist()
    [[0.0, 0.5, 1.0]]
    """

    def __init__(
        self,
        t_left_init: InitializerLike = "zeros",
        a_left_init: InitializerLike = "glorot_uniform",
        t_right_init: InitializerLike = "glorot_uniform",
        a_right_init: InitializerLike = "ones",
        shared_axes: Axis = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.t_left_init: Callable[..., Any] = initializers.get(t_left_init)
        self.a_left_init: Callable[..., Any] = initializers.get(a_left_init)
        self.t_right_init: Callable[..., Any] = initializers.get(t_right_init)
        self.a_right_init: Callable[..., Any] = initializers.get(a_right_init)
        self.shared_axes: Any = shared_axes
        self.supports_masking = True

    def build(self, input_shape: ShapeLike) -> None:
        shape = slope_shape(input_shape, self.shared_axes, self.name)
        weights = [self.add_weight(shape, getattr(self, f"{part}_init"), name=part) for part in _PARTS]
        self.t_left: Variable = weights[0]
        self.a_left: Variable = weights[1]
        self.t_right: Variable = weights[2]
        self.a_right: Variable = weights[3]

    def call(self, inputs: Any) -> Any:
        left = ops.convert_to_tensor(self.t_left)
        right = left + ops.abs(self.t_right)
        middle = ops.minimum(ops.maximum(inputs, left), right)
        below, above = ops.minimum(inputs - left, 0.0), ops.maximum(inputs - right, 0.0)
        return middle + self.a_left * below + self.a_right * above

    def get_config(self) -> Config:
        made = serialized(self, {f"{part}_init": initializers for part in _PARTS})
        return {**super().get_config(), **made, "shared_axes": self.shared_axes}
