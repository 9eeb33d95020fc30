"""Dropout."""

from __future__ import annotations

from typing import Any

from kerasish import random
from kerasish.layers.base.arguments import fraction
from kerasish.layers.regularization.base_noise import NoiseLayer
from kerasish.typing import Config, SeedLike, Shape, ShapeLike


class Dropout(NoiseLayer):
    """In training a random part of the inputs becomes 0, and the rest is scaled up so that the sum stays.

    Args:
        rate: float from 0 to 1, the part of the inputs that becomes 0.
        noise_shape: tuple that broadcasts to the inputs' shape (None for an axis as it is): elements that share a
            position share their fate.
        seed: int, SeedGenerator or None for a random one: where the random numbers come from.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        training: bool or None; whether the layer acts as in training. None takes it from the call around.

    Reference:
        Srivastava et al., "Dropout", 2014.

    >>> import kerasish as keras
    >>> layer = keras.layers.Dropout(0.5, seed=1)
    >>> layer(keras.ops.ones((4,))).tolist()
    [1.0, 1.0, 1.0, 1.0]
    >>> sorted(set(layer(keras.ops.ones((100,)), training=True).tolist()))
    [0.0, 2.0]
    """

    old_arguments: dict[str, str] = {"p": "rate"}

    def __init__(self, rate: float, noise_shape: ShapeLike | None = None, seed: SeedLike = None, **kwargs: Any) -> None:
        super().__init__(fraction(rate, "rate"), seed, **kwargs)
        self.rate: float = rate
        self.noise_shape: Shape | None = _checked_noise_shape(noise_shape)

    def disturb(self, inputs: Any) -> Any:
        return random.dropout(inputs, self.rate, noise_shape=self.noise_for(inputs.shape), seed=self.seed_generator)

    def noise_for(self, shape: ShapeLike) -> tuple[Any, ...] | None:
        """The shape of the mask for inputs of `shape`, or None for the same."""
        if self.noise_shape is None:
            return None
        if len(self.noise_shape) > len(shape):
            raise ValueError(
                f"`noise_shape` {self.noise_shape} of {self.name!r} has more axes than the inputs, of shape "
                f"{tuple(shape)}."
            )
        return tuple(d if n is None else n for n, d in zip(self.noise_shape, shape))

    def get_config(self) -> Config:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed, "noise_shape": self.noise_shape}


def _checked_noise_shape(noise_shape):
    """A tuple of ints > 0 and None, or None."""
    if noise_shape is None:
        return None
    if not isinstance(noise_shape, (list, tuple)) or any(
        d is not None and (not isinstance(d, int) or d < 1) for d in noise_shape
    ):
        raise ValueError(f"`noise_shape` must be a tuple of ints > 0 and None, got {noise_shape!r}.")
    return tuple(noise_shape)
