"""Reshape."""

from __future__ import annotations

import math
from typing import Any

from kerasish import ops
from kerasish.backend.sizes import unlike
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config, ShapeLike


class Reshape(Layer):
    """The axes after the batch in another shape.

    Args:
        target_shape: tuple of ints without the batch axis; one may be -1.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.Reshape((-1, 2))(keras.ops.ones((3, 8))).shape
    (3, 4, 2)
    """

    def __init__(self, target_shape: ShapeLike, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        shape = tuple(target_shape)
        if any(not isinstance(d, int) or d < -1 for d in shape) or shape.count(-1) > 1:
            raise ValueError(f"`target_shape` must hold ints >= 0 and at most one -1, got {target_shape!r}.")
        self.target_shape = shape
        self.input_spec: InputSpec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        return ops.reshape(inputs, (inputs.shape[0], *self._resolved(inputs.shape[1:])))

    def _resolved(self, shape):
        """The target with -1 worked out. Raises ValueError when the elements don't fit."""
        known, total = math.prod(d for d in self.target_shape if d != -1), math.prod(shape)
        if unlike(known, total) and (-1 not in self.target_shape or known == 0 or unlike(total % known, 0)):
            raise ValueError(f"{self.name!r}: can't reshape {tuple(shape)} ({total} elements) to {self.target_shape}.")
        return tuple(total // known if d == -1 else d for d in self.target_shape)

    def get_config(self) -> Config:
        return {**super().get_config(), "target_shape": self.target_shape}
