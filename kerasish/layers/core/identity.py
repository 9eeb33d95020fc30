"""Identity."""

from __future__ import annotations

from typing import Any

from kerasish.layers.base.layer import Layer


class Identity(Layer):
    """Returns its inputs.

    Args:
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.Identity()(keras.ops.ones((1,))).tolist()
    [1.0]
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return inputs
