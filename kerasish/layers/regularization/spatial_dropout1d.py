"""SpatialDropout1D."""

from __future__ import annotations

from typing import Any

from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.regularization.dropout import Dropout
from kerasish.typing import Config, DTypeLike, SeedLike, ShapeLike


class SpatialDropout1D(Dropout):
    """Dropout of whole channels: a channel of a sample is kept or dropped over all of (steps).

    Args:
        rate: float from 0 to 1, the part of the channels that is dropped.
        seed: int, SeedGenerator or None for a random one: where the random numbers come from.
        name: string, by default the class name in snake_case, numbered.
        dtype: a dtype, DTypePolicy or its name; None for the global policy.
        **kwargs: those of `Layer`: `trainable`, `autocast`, ...

    Call arguments:
        training: bool or None; whether the layer acts as in training. None takes it from the call around.

    Reference:
        Tompson et al., "Efficient Object Localization Using Convolutional Networks", 2014.

    >>> import kerasish as keras
    >>> keras.layers.SpatialDropout1D(0.5)(keras.ops.ones((2, 3, 4)), training=True).shape
    (2, 3, 4)
    """

    def __init__(
        self, rate: float, seed: SeedLike = None, name: str | None = None, dtype: DTypeLike | None = None, **kwargs: Any
    ) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype, **kwargs)
        self.input_spec: InputSpec = InputSpec(ndim=3)

    def noise_for(self, shape: ShapeLike) -> tuple[Any, ...]:
        return (shape[0], 1, shape[2])

    def get_config(self) -> Config:
        return {"rate": self.rate, "seed": self.seed, "name": self.name, "dtype": self.dtype_policy.name}
