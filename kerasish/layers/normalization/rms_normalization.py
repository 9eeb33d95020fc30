"""RMSNormalization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import ops
from kerasish.backend.variable import Variable
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config, ShapeLike, TensorLike


class RMSNormalization(Layer):
    """Each sample divided by its root mean square over `axis`, then times a learnt scale.

    Args:
        axis: int or list of ints, usually the features.
        epsilon: float, added to the mean square.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Reference:
        Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.

    >>> import kerasish as keras
    >>> outputs = keras.layers.RMSNormalization()(keras.ops.convert_to_tensor([[3.0, 4.0]]))
    >>> [round(float(x), 3) for x in outputs[0]]
    [0.849, 1.131]
    """

    def __init__(self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.input_spec: InputSpec = InputSpec()  # one tensor
        axes = [axis] if isinstance(axis, int) else axis
        if not isinstance(axes, (list, tuple)) or not all(isinstance(a, int) for a in axes):
            raise ValueError(f"`axis` must be an int or a list of ints, got {axis!r}.")
        self.axis = axis
        self.epsilon: float = epsilon

    def build(self, input_shape: ShapeLike) -> None:
        axes = [self.axis] if isinstance(self.axis, int) else list(self.axis)
        rank = len(input_shape)
        if any(not -rank <= a < rank for a in axes):
            raise ValueError(f"`axis`={self.axis} of {self.name!r} is out of range for inputs of shape {input_shape}.")
        self.axis: list[int] = axes
        self.scale: Variable = self.add_weight(
            tuple(input_shape[a] for a in axes), "ones", name="scale", autocast=False
        )

    def call(self, x: TensorLike) -> Any:
        return ops.rms_normalization(x, scale=self.scale, axis=self.axis, epsilon=self.epsilon)

    def get_config(self) -> Config:
        return {**super().get_config(), "axis": self.axis, "epsilon": self.epsilon}
