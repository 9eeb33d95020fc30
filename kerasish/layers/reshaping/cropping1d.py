"""Cropping1D."""

from __future__ import annotations

from typing import Any

from kerasish.layers.reshaping.base_edges import EdgeLayer
from kerasish.typing import IntOrInts


class Cropping1D(EdgeLayer):
    """Points cut off around (steps).

    Args:
        cropping: an int or a pair.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Raises:
        ValueError: when nothing would be left.

    >>> import kerasish as keras
    >>> keras.layers.Cropping1D(1)(keras.ops.ones((2, 5, 1))).shape
    (2, 3, 1)
    """

    def __init__(self, cropping: IntOrInts = (1, 1), **kwargs: Any) -> None:
        super().__init__(1, cropping, "cropping", "channels_last", **kwargs)

    def call(self, inputs: Any) -> Any:
        return self.cropped(inputs)
