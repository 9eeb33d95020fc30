"""Permute."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config


class Permute(Layer):
    """The axes after the batch in another order.

    Args:
        dims: tuple of ints, a permutation of 1, 2, ..., n: which axis stands where; the batch is axis 0 and stays.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.Permute((2, 1))(keras.ops.ones((2, 3, 4))).shape
    (2, 4, 3)
    """

    def __init__(self, dims: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims: tuple[Any, ...] = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(f"`dims` must be a permutation of 1 ... {len(self.dims)}, got {dims!r}.")
        self.input_spec: InputSpec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Any) -> Any:
        return ops.transpose(inputs, (0, *self.dims))

    def get_config(self) -> Config:
        return {**super().get_config(), "dims": self.dims}
