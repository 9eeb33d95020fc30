"""Masking."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config


class Masking(Layer):
    """Steps whose features all equal `mask_value` are masked (and set to 0) for the layers after it.

    Args:
        mask_value: float: a step whose features all equal it is masked.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input and output shape:
        (batch, steps, features).

    >>> import kerasish as keras
    >>> layer = keras.layers.Masking()
    >>> layer.compute_mask(keras.ops.convert_to_tensor([[[0.0, 0.0], [0.0, 1.0]]])).tolist()
    [[False, True]]
    """

    def __init__(self, mask_value: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value
        self.supports_masking = True
        self.input_spec: InputSpec = InputSpec()  # one tensor

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """True for the steps that stay."""
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)

    def call(self, inputs: Any) -> Any:
        kept = ops.any(ops.not_equal(inputs, self.mask_value), axis=-1, keepdims=True)
        return ops.where(kept, inputs, ops.zeros_like(inputs))

    def get_config(self) -> Config:
        return {**super().get_config(), "mask_value": self.mask_value}
