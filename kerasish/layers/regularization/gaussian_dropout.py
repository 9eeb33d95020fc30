"""GaussianDropout."""

from __future__ import annotations

import math
from typing import Any

from kerasish import ops, random
from kerasish.backend.dtypes import standardize_dtype
from kerasish.layers.base.arguments import fraction
from kerasish.layers.regularization.base_noise import NoiseLayer
from kerasish.typing import Config, SeedLike


class GaussianDropout(NoiseLayer):
    """In training the inputs are multiplied by normal noise of mean 1 and variance rate / (1 - rate).

    Args:
        rate: float, at least 0 and below 1: the noise has variance rate / (1 - rate).
        seed: int, SeedGenerator or None for a random one: where the random numbers come from.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        training: bool or None; whether the layer acts as in training. None takes it from the call around.

    Reference:
        Srivastava et al., "Dropout", 2014, section 10.

    >>> import kerasish as keras
    >>> keras.layers.GaussianDropout(0.5)(keras.ops.ones((2,))).tolist()
    [1.0, 1.0]
    """

    old_arguments: dict[str, str] = {"p": "rate"}

    def __init__(self, rate: float, seed: SeedLike = None, **kwargs: Any) -> None:
        if fraction(rate, "rate") == 1:
            raise ValueError("`rate` must be below 1: the noise of rate 1 has no finite variance.")
        super().__init__(rate, seed, **kwargs)
        self.rate = rate

    def disturb(self, inputs: Any) -> Any:
        stddev = math.sqrt(self.rate / (1.0 - self.rate))
        return inputs * random.normal(
            ops.shape(inputs), 1.0, stddev, dtype=standardize_dtype(inputs.dtype), seed=self.seed_generator
        )

    def get_config(self) -> Config:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
