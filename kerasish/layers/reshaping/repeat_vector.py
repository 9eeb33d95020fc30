"""RepeatVector."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.base.arguments import positive
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config


class RepeatVector(Layer):
    """Each sample `n` times along a new axis: (batch, features) to (batch, n, features).

    Args:
        n: int > 0, how often each sample is repeated.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.RepeatVector(3)(keras.ops.ones((2, 4))).shape
    (2, 3, 4)
    """

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n: int = positive(n, "n")
        self.input_spec: InputSpec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        return ops.repeat(ops.expand_dims(inputs, 1), self.n, axis=1)

    def get_config(self) -> Config:
        return {**super().get_config(), "n": self.n}
