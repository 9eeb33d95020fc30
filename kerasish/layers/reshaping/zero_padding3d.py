"""ZeroPadding3D."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.reshaping.base_edges import EdgeLayer


class ZeroPadding3D(EdgeLayer):
    """Zeros around (depth, height, width).

    Args:
        padding: an int, 3 ints, or 3 pairs (before, after).
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.ZeroPadding3D(1)(keras.ops.ones((2, 3, 3, 3, 1))).shape
    (2, 5, 5, 5, 1)
    """

    def __init__(self, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(3, padding, "padding", data_format, **kwargs)

    def call(self, inputs: Any) -> Any:
        return ops.pad(inputs, self.around())
