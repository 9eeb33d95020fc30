"""GlobalAveragePooling1D."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.pooling.base_pooling import BaseGlobalPooling


class GlobalAveragePooling1D(BaseGlobalPooling):
    """The mean over all of space. Masked steps do not count.

    Args:
        data_format: "channels_last", "channels_first", or None for the global setting.
        keepdims: whether the axes of space stay, with size 1.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        mask: bool tensor, where the inputs count; None for everywhere.

    Input shape:
        (batch, steps, channels).

    Output shape:
        (batch, channels).

    >>> import kerasish as keras
    >>> keras.layers.GlobalAveragePooling1D()(keras.ops.ones((2, 6, 3))).shape
    (2, 3)
    """

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(1, "average", data_format, keepdims, **kwargs)
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return super().call(inputs)
        (steps,) = self.space
        weights = ops.expand_dims(ops.cast(mask, inputs.dtype), 3 - steps)
        total = ops.sum(inputs * weights, axis=steps, keepdims=self.keepdims)
        return total / ops.sum(weights, axis=steps, keepdims=self.keepdims)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """One value is left for each sample: there is nothing to mask."""
        return None
