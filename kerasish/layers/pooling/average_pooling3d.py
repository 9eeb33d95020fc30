"""AveragePooling3D."""

from __future__ import annotations

from typing import Any

from kerasish.layers.pooling.base_pooling import BasePooling
from kerasish.typing import IntOrInts


class AveragePooling3D(BasePooling):
    """The mean of each window. Padding does not count.

    Args:
        pool_size: an int or 3 ints, the size of the window in depth, height and width.
        strides: an int or 3 ints, how far the window goes in a step; None for `pool_size`.
        padding: "valid" or "same".
        data_format: "channels_last", "channels_first", or None for the global setting.
        name: string, by default the class name in snake_case, numbered.
        **kwargs: those of `Layer`: `trainable`, `autocast`, ...

    Input shape:
        (batch, depth, height, width, channels).

    Output shape:
        the same axes, fewer windows than points.

    >>> import kerasish as keras
    >>> keras.layers.AveragePooling3D(2)(keras.ops.ones((2, 4, 4, 4, 3))).shape
    (2, 2, 2, 2, 3)
    """

    def __init__(
        self,
        pool_size: IntOrInts,
        strides: IntOrInts | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(3, "average", pool_size, strides, padding, data_format, name, **kwargs)
