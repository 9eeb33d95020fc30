"""Cropping2D."""

from __future__ import annotations

from typing import Any

from kerasish.layers.reshaping.base_edges import EdgeLayer
from kerasish.typing import IntOrInts


class Cropping2D(EdgeLayer):
    """Points cut off around (height, width).

    Args:
        cropping: an int, 2 ints, or 2 pairs (before, after).
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Raises:
        ValueError: when nothing would be left.

    >>> import kerasish as keras
    >>> keras.layers.Cropping2D(1)(keras.ops.ones((2, 5, 5, 1))).shape
    (2, 3, 3, 1)
    """

    def __init__(self, cropping: IntOrInts = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(2, cropping, "cropping", data_format, **kwargs)

    def call(self, inputs: Any) -> Any:
        return self.cropped(inputs)
