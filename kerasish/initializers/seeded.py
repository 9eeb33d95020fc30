"""What all random initializers share: the seed."""

from __future__ import annotations

import random as python_random

from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.initializers.initializer import Initializer
from kerasish.random import SeedGenerator
from kerasish.typing import Config, SeedLike


class RandomInitializer(Initializer):
    """Base of the initializers that draw.

    Args:
        seed: int (each call gives the same values), `SeedGenerator` (each call gives new ones, in a reproducible
            order), or None (an int drawn from Python's `random`, which `keras.utils.set_random_seed` fixes).

    Raises:
        ValueError: for another seed.
    """

    def __init__(self, seed: SeedLike = None) -> None:
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, (int, dict, SeedGenerator))):
            raise ValueError(f"`seed` must be an int, a keras.random.SeedGenerator or None, got {seed!r}.")
        self._init_seed = seed
        if seed is None:
            seed = python_random.randint(1, 10**9)
        self.seed = deserialize_keras_object(seed) if isinstance(seed, dict) else seed

    def get_config(self) -> Config:
        return {"seed": serialize_keras_object(self._init_seed)}
