"""GaussianNoise."""

from __future__ import annotations

from typing import Any

from kerasish import ops, random
from kerasish.backend import context
from kerasish.backend.dtypes import standardize_dtype
from kerasish.layers.base.arguments import fraction
from kerasish.layers.regularization.base_noise import NoiseLayer
from kerasish.typing import Config, SeedLike


class GaussianNoise(NoiseLayer):
    """In training, normal noise of standard deviation `stddev` is added.

    Args:
        stddev: float from 0 to 1, the standard deviation of the noise.
        seed: int, SeedGenerator or None for a random one: where the random numbers come from.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        training: bool or None; whether the layer acts as in training. None takes it from the call around.

    >>> import kerasish as keras
    >>> keras.layers.GaussianNoise(1.0)(keras.ops.ones((2,))).tolist()
    [1.0, 1.0]
    """

    old_arguments: dict[str, str] = {"sigma": "stddev"}

    def __init__(self, stddev: float, seed: SeedLike = None, **kwargs: Any) -> None:
        if not context.current().config_is_modern:  # noise of models before Keras 3 may be louder
            fraction(stddev, "stddev")
        elif stddev < 0:
            raise ValueError(f"`stddev` must be >= 0, got {stddev!r}.")
        super().__init__(stddev, seed, **kwargs)
        self.stddev = stddev

    def disturb(self, inputs: Any) -> Any:
        dtype = standardize_dtype(inputs.dtype)
        return inputs + random.normal(ops.shape(inputs), 0.0, self.stddev, dtype=dtype, seed=self.seed_generator)

    def get_config(self) -> Config:
        return {**super().get_config(), "stddev": self.stddev, "seed": self.seed}
