"""Initializers that draw each value from one distribution, whatever the shape."""

from __future__ import annotations

from kerasish import random
from kerasish.initializers.seeded import RandomInitializer
from kerasish.typing import AnyTensor, Config, DTypeLike, SeedLike, ShapeLike


class RandomNormal(RandomInitializer):
    """Normally distributed values.

    Args:
        mean: number.
        stddev: number, the standard deviation.
        seed: int, `keras.random.SeedGenerator` or None (drawn from Python's `random`).

    Example:
        >>> import kerasish as keras
        >>> draw = keras.initializers.RandomNormal(seed=1)
        >>> bool((draw((2, 3)) == draw((2, 3))).all())
        True
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: SeedLike = None) -> None:
        self.mean, self.stddev = mean, stddev
        super().__init__(seed=seed)

    def __call__(self, shape: ShapeLike, dtype: DTypeLike | None = None) -> AnyTensor:
        return random.normal(shape, mean=self.mean, stddev=self.stddev, dtype=dtype, seed=self.seed)

    def get_config(self) -> Config:
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class TruncatedNormal(RandomInitializer):
    """Normally distributed values, those further than two `stddev` from `mean` drawn anew.

    Args:
        mean: number.
        stddev: number, the standard deviation before what is far away is drawn anew.
        seed: int, `keras.random.SeedGenerator` or None (drawn from Python's `random`).

    Example:
        >>> import kerasish as keras
        >>> values = keras.initializers.TruncatedNormal(stddev=1.0, seed=1)((1000,))
        >>> float(abs(values).max()) <= 2.0
        True
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: SeedLike = None) -> None:
        self.mean, self.stddev = mean, stddev
        super().__init__(seed=seed)

    def __call__(self, shape: ShapeLike, dtype: DTypeLike | None = None) -> AnyTensor:
        return random.truncated_normal(shape, mean=self.mean, stddev=self.stddev, dtype=dtype, seed=self.seed)

    def get_config(self) -> Config:
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class RandomUniform(RandomInitializer):
    """Evenly distributed values.

    Args:
        minval: number, the lower bound, included.
        maxval: number, the upper bound, excluded.
        seed: int, `keras.random.SeedGenerator` or None (drawn from Python's `random`).

    Example:
        >>> import kerasish as keras
        >>> values = keras.initializers.RandomUniform(0.0, 1.0, seed=1)((1000,))
        >>> float(values.min()) >= 0.0, float(values.max()) < 1.0
        (True, True)
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: SeedLike = None) -> None:
        self.minval, self.maxval = minval, maxval
        super().__init__(seed=seed)

    def __call__(self, shape: ShapeLike, dtype: DTypeLike | None = None) -> AnyTensor:
        return random.uniform(shape, minval=self.minval, maxval=self.maxval, dtype=dtype, seed=self.seed)

    def get_config(self) -> Config:
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}
