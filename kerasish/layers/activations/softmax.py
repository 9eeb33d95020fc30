"""Softmax."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import activations, ops
from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.sizes import unlike
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config

_FAR_BELOW = {"float16": -3e4}  # where exp is 0, by dtype


class Softmax(Layer):
    """Positive numbers that sum to 1 along `axis` (int or list of ints).

    Elements whose `mask` (it broadcasts to the inputs) is False get nothing.

    Args:
        axis: int or list of ints, the axis along which the outputs sum to 1.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        mask: bool tensor that broadcasts to the inputs; elements where it is False get 0.

    >>> import kerasish as keras
    >>> keras.layers.Softmax()(keras.ops.zeros((1, 2))).tolist()
    [[0.5, 0.5]]
    """

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True
        self.input_spec: InputSpec = InputSpec()  # one tensor

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is not None:
            mask = self._checked(mask, inputs.shape)
            inputs = ops.where(mask, inputs, _FAR_BELOW.get(standardize_dtype(inputs.dtype), -1e9))
        axes = self.axis if isinstance(self.axis, (list, tuple)) else (self.axis,)
        if len(axes) > 1:
            outputs = ops.exp(inputs - ops.logsumexp(inputs, axis=tuple(axes), keepdims=True))
        else:
            outputs = activations.softmax(inputs, axis=axes[0])
        return outputs if mask is None else ops.where(mask, outputs, ops.zeros_like(outputs))

    def _checked(self, mask, shape):
        """`mask` as bools. Raises ValueError when it would not broadcast to the inputs."""
        fits = len(mask.shape) <= len(shape) and all(
            not unlike(m, 1) or not unlike(m, n) for m, n in zip(mask.shape[::-1], shape[::-1])
        )
        if not fits:
            raise ValueError(
                f"`mask` of {self.name!r} must broadcast to the inputs of shape {tuple(shape)}, got shape "
                f"{tuple(mask.shape)}."
            )
        return mask if standardize_dtype(mask.dtype) == "bool" else ops.greater(mask, 0.5)

    def get_config(self) -> Config:
        return {**super().get_config(), "axis": self.axis}
