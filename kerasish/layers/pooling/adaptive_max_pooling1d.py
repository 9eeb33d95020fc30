"""AdaptiveMaxPooling1D."""

from __future__ import annotations

from typing import Any

from kerasish.layers.pooling.base_adaptive_pooling import BaseAdaptivePooling
from kerasish.typing import IntOrInts


class AdaptiveMaxPooling1D(BaseAdaptivePooling):
    """The maximum of windows, so many that an output of a chosen size comes out whatever the size of the input.

    Args:
        output_size: int, or a tuple of one.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input shape:
        (batch, length, channels).

    Output shape:
        the same with `output_size` for (length).

    >>> import kerasish as keras
    >>> keras.layers.AdaptiveMaxPooling1D(4)(keras.ops.ones((2, 9, 3))).shape
    (2, 4, 3)
    """

    def __init__(self, output_size: IntOrInts, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(1, "max", output_size, data_format, **kwargs)
