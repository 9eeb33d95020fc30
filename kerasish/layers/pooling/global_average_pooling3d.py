"""GlobalAveragePooling3D."""

from __future__ import annotations

from typing import Any

from kerasish.layers.pooling.base_pooling import BaseGlobalPooling


class GlobalAveragePooling3D(BaseGlobalPooling):
    """The mean over all of space.

    Args:
        data_format: "channels_last", "channels_first", or None for the global setting.
        keepdims: whether the axes of space stay, with size 1.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input shape:
        (batch, depth, height, width, channels).

    Output shape:
        (batch, channels).

    >>> import kerasish as keras
    >>> keras.layers.GlobalAveragePooling3D()(keras.ops.ones((2, 4, 4, 4, 3))).shape
    (2, 3)
    """

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(3, "average", data_format, keepdims, **kwargs)
