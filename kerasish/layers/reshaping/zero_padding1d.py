"""ZeroPadding1D."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.reshaping.base_edges import EdgeLayer


class ZeroPadding1D(EdgeLayer):
    """Zeros around (steps).

    Args:
        padding: an int or a pair.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.ZeroPadding1D(1)(keras.ops.ones((2, 3, 1))).shape
    (2, 5, 1)
    """

    def __init__(self, padding: int = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(1, padding, "padding", data_format, **kwargs)

    def call(self, inputs: Any) -> Any:
        return ops.pad(inputs, self.around())
