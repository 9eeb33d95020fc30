"""Initializers whose spread follows from the number of inputs and outputs: Glorot, He, LeCun."""

from __future__ import annotations

import math

from kerasish import random
from kerasish.initializers.fans import compute_fans
from kerasish.initializers.seeded import RandomInitializer
from kerasish.suggestions import did_you_mean
from kerasish.typing import AnyTensor, Config, DTypeLike, IntOrInts, SeedLike, ShapeLike

MODES = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")
# Standard deviation of a unit normal cut off at two: sqrt(1 - 4 pdf(2) / (cdf(2) - cdf(-2))).
_TRUNCATED_STDDEV = 0.87962566103423978


def _check_choice(name, value, allowed):
    if value not in allowed:
        hint = did_you_mean(value, allowed)
        raise ValueError(f"`{name}` must be one of {', '.join(map(repr, allowed))}, got {value!r}.{hint}")


class VarianceScaling(RandomInitializer):
    """Values of variance scale / n, where n is the number of inputs, of outputs, or their mean.

    Args:
        scale: number, positive.
        mode: "fan_in", "fan_out" or "fan_avg", what n counts.
        distribution: "truncated_normal" (or "normal"), "untruncated_normal" or "uniform".
        seed: int, `keras.random.SeedGenerator` or None (drawn from Python's `random`).
        input_axes: int or several, the axes of the weight that hold its inputs; by default the last but one.
        output_axes: int or several, the axes of the weight that hold its outputs; by default the last.

    Raises:
        ValueError: for a `scale` that is not positive, an unknown `mode` or `distribution`.

    Example:
        >>> import kerasish as keras
        >>> values = keras.initializers.VarianceScaling(scale=3.0, distribution="uniform", seed=1)((100, 50))
        >>> float(abs(values).max()) <= 0.3
        True
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: SeedLike = None,
        input_axes: IntOrInts | None = None,
        output_axes: IntOrInts | None = None,
    ) -> None:
        if not scale > 0.0:
            raise ValueError(f"`scale` must be positive, got {scale!r}.")
        _check_choice("mode", mode, MODES)
        distribution = "truncated_normal" if str(distribution).lower() == "normal" else str(distribution).lower()
        _check_choice("distribution", distribution, DISTRIBUTIONS)
        super().__init__(seed=seed)
        self.scale, self.mode, self.distribution = scale, mode, distribution
        self.input_axes, self.output_axes = input_axes, output_axes

    def __call__(self, shape: ShapeLike, dtype: DTypeLike | None = None) -> AnyTensor:
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2.0}[self.mode]
        stddev = math.sqrt(self.scale / max(1.0, fan))
        if self.distribution == "truncated_normal":
            return random.truncated_normal(
                shape, mean=0.0, stddev=stddev / _TRUNCATED_STDDEV, dtype=dtype, seed=self.seed
            )
        if self.distribution == "untruncated_normal":
            return random.normal(shape, mean=0.0, stddev=stddev, dtype=dtype, seed=self.seed)
        limit = math.sqrt(3.0) * stddev
        return random.uniform(shape, minval=-limit, maxval=limit, dtype=dtype, seed=self.seed)

    def get_config(self) -> Config:
        options = {"scale": self.scale, "mode": self.mode, "distribution": self.distribution}
        return {**super().get_config(), **options, "input_axes": self.input_axes, "output_axes": self.output_axes}


class _NamedScaling(VarianceScaling):
    """A `VarianceScaling` with a name of its own: three arguments are fixed by the class."""

    fixed = {}

    def __init__(self, seed=None, input_axes=None, output_axes=None):
        super().__init__(**self.fixed, seed=seed, input_axes=input_axes, output_axes=output_axes)

    def get_config(self):
        return {key: value for key, value in super().get_config().items() if key not in self.fixed}


class GlorotUniform(_NamedScaling):
    """Uniform in +-sqrt(6 / (fan_in + fan_out)).

    Args:
        seed: int, `keras.random.SeedGenerator` or None (drawn from Python's `random`).
        input_axes: int or several, the axes of the weight that hold its inputs; by default the last but one.
        output_axes: int or several, the axes of the weight that hold its outputs; by default the last.

    Example:
        >>> import kerasish as keras
        >>> float(abs(keras.initializers.GlorotUniform(seed=1)((3, 3))).max()) <= 1.0
        True

    Reference:
        Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
    """

    fixed = {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform"}


class GlorotNormal(_NamedScaling):
    """Truncated normal of variance 2 / (fan_in + fan_out).

    Args:
        seed: int, `keras.random.SeedGenerator` or None (drawn from Python's `random`).
        input_axes: int or several, the axes of the weight that hold its inputs; by default the last but one.
        output_axes: int or several, the axes of the weight that hold its outputs; by default the last.

    Example:
        >>> import kerasish as keras
        >>> keras.initializers.GlorotNormal(seed=1)((3, 3)).shape
        (3, 3)

    Reference:
        Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
    """

    fixed = {"scale": 1.0, "mode": "fan_avg", "distribution": "truncated_normal"}


class LecunNormal(_NamedScaling):
    """Truncated normal of variance 1 / fan_in, for SELU.

    Args:
        seed: int, `keras.random.SeedGenerator` or None (drawn from Python's `random`).
        input_axes: int or several, the axes of the weight that hold its inputs; by default the last but one.
        output_axes: int or several, the axes of the weight that hold its outputs; by default the last.

    Example:
        >>> import kerasish as keras
        >>> keras.initializers.LecunNormal(seed=1)((3, 3)).shape
        (3, 3)

    Reference:
        LeCun et al., "Efficient BackProp", 1998.
    """

    fixed = {"scale": 1.0, "mode": "fan_in", "distribution": "truncated_normal"}


class LecunUniform(_NamedScaling):
    """Uniform in +-sqrt(3 / fan_in).

    Args:
        seed: int, `keras.random.SeedGenerator` or None (drawn from Python's `random`).
        input_axes: int or several, the axes of the weight that hold its inputs; by default the last but one.
        output_axes: int or several, the axes of the weight that hold its outputs; by default the last.

    Example:
        >>> import kerasish as keras
        >>> float(abs(keras.initializers.LecunUniform(seed=1)((3, 4))).max()) <= 1.0
        True

    Reference:
        LeCun et al., "Efficient BackProp", 1998.
    """

    fixed = {"scale": 1.0, "mode": "fan_in", "distribution": "uniform"}


class HeNormal(_NamedScaling):
    """Truncated normal of variance 2 / fan_in, for ReLU.

    Args:
        seed: int, `keras.random.SeedGenerator` or None (drawn from Python's `random`).
        input_axes: int or several, the axes of the weight that hold its inputs; by default the last but one.
        output_axes: int or several, the axes of the weight that hold its outputs; by default the last.

    Example:
        >>> import kerasish as keras
        >>> keras.initializers.HeNormal(seed=1)((3, 3)).shape
        (3, 3)

    Reference:
        He et al., "Delving Deep into Rectifiers", 2015, arXiv:1502.01852.
    """

    fixed = {"scale": 2.0, "mode": "fan_in", "distribution": "truncated_normal"}


class HeUniform(_NamedScaling):
    """Uniform in +-sqrt(6 / fan_in), for ReLU.

    Args:
        seed: int, `keras.random.SeedGenerator` or None (drawn from Python's `random`).
        input_axes: int or several, the axes of the weight that hold its inputs; by default the last but one.
        output_axes: int or several, the axes of the weight that hold its outputs; by default the last.

    Example:
        >>> import kerasish as keras
        >>> float(abs(keras.initializers.HeUniform(seed=1)((6, 4))).max()) <= 1.0
        True

    Reference:
        He et al., "Delving Deep into Rectifiers", 2015, arXiv:1502.01852.
    """

    fixed = {"scale": 2.0, "mode": "fan_in", "distribution": "uniform"}
