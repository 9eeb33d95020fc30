"""UnitNormalization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import ops
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config


class UnitNormalization(Layer):
    """Each sample divided by its Euclidean length over `axis` (int or list of ints).

    Args:
        axis: int or list of ints, the axes over which the length is measured.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> outputs = keras.layers.UnitNormalization()(keras.ops.convert_to_tensor([[3.0, 4.0]]))
    >>> [round(float(x), 1) for x in outputs[0]]
    [0.6, 0.8]
    """

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(axis, int) and not (
            isinstance(axis, (list, tuple)) and all(isinstance(a, int) for a in axis)
        ):
            raise TypeError(f"`axis` must be an int or a list of ints, got {axis!r}.")
        self.axis: int | list[int] = axis if isinstance(axis, int) else list(axis)
        self.supports_masking = True
        self.input_spec: InputSpec = InputSpec()  # one tensor
        self.built = True

    def call(self, inputs: Any) -> Any:
        return ops.normalize(
            inputs, axis=self.axis if isinstance(self.axis, int) else tuple(self.axis), order=2, epsilon=1e-12
        )

    def get_config(self) -> Config:
        return {**super().get_config(), "axis": self.axis}
