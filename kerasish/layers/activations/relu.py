"""ReLU and LeakyReLU."""

from __future__ import annotations

from typing import Any

from kerasish import activations
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config


class ReLU(Layer):
    """max(inputs, 0), with the variations of `activations.relu`.

    Args:
        max_value: float >= 0 or None, the upper bound.
        negative_slope: float >= 0.
        threshold: float >= 0, below which a value counts as negative.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.ReLU(max_value=1.0)(keras.ops.convert_to_tensor([-1.0, 0.5, 3.0])).tolist()
    [0.0, 0.5, 1.0]
    """

    def __init__(
        self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        for name, value in (
            ("max_value", 0.0 if max_value is None else max_value),
            ("negative_slope", negative_slope),
            ("threshold", threshold),
        ):
            if value is None or value < 0:
                raise ValueError(f"`{name}` must be >= 0, got {value!r}.")
        self.max_value: float | None = max_value
        self.negative_slope: float = negative_slope
        self.threshold: float = threshold
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return activations.relu(
            inputs, negative_slope=self.negative_slope, max_value=self.max_value, threshold=self.threshold
        )

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "max_value": self.max_value,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }


class LeakyReLU(Layer):
    """inputs where they are positive, else inputs times `negative_slope` (a float >= 0).

    Args:
        negative_slope: float >= 0, the slope for negative inputs.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.LeakyReLU(0.5)(keras.ops.convert_to_tensor([-1.0, 2.0])).tolist()
    [-0.5, 2.0]
    """

    old_arguments: dict[str, str] = {"alpha": "negative_slope"}

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if negative_slope is None or negative_slope < 0:
            raise ValueError(f"`negative_slope` must be >= 0, got {negative_slope!r}.")
        self.negative_slope = negative_slope
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return activations.leaky_relu(inputs, negative_slope=self.negative_slope)

    def get_config(self) -> Config:
        return {**super().get_config(), "negative_slope": self.negative_slope}
