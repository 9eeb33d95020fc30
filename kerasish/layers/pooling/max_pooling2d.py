"""MaxPooling2D."""

from __future__ import annotations

from typing import Any

from kerasish.layers.pooling.base_pooling import BasePooling
from kerasish.typing import IntOrInts


class MaxPooling2D(BasePooling):
    """The largest value of each window.

    Args:
        pool_size: an int or 2 ints, the size of the window in height and width.
        strides: an int or 2 ints, how far the window goes in a step; None for `pool_size`.
        padding: "valid" or "same".
        data_format: "channels_last", "channels_first", or None for the global setting.
        name: string, by default the class name in snake_case, numbered.
        **kwargs: those of `Layer`: `trainable`, `autocast`, ...

    Input shape:
        (batch, height, width, channels).

    Output shape:
        the same axes, fewer windows than points.

    >>> import kerasish as keras
    >>> keras.layers.MaxPooling2D(2)(keras.ops.ones((2, 6, 6, 3))).shape
    (2, 3, 3, 3)
    """

    def __init__(
        self,
        pool_size: IntOrInts = (2, 2),
        strides: IntOrInts | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(2, "max", pool_size, strides, padding, data_format, name, **kwargs)
