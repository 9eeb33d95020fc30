"""GlobalAveragePooling2D."""

from __future__ import annotations

from typing import Any

from kerasish.layers.pooling.base_pooling import BaseGlobalPooling


class GlobalAveragePooling2D(BaseGlobalPooling):
    """The mean over all of space.

    Args:
        data_format: "channels_last", "channels_first", or None for the global setting.
        keepdims: whether the axes of space stay, with size 1.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input shape:
        (batch, height, width, channels).

    Output shape:
        (batch, channels).

    >>> import kerasish as keras
    >>> keras.layers.GlobalAveragePooling2D()(keras.ops.ones((2, 6, 6, 3))).shape
    (2, 3)
    """

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(2, "average", data_format, keepdims, **kwargs)
