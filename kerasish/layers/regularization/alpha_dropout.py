"""AlphaDropout."""

from __future__ import annotations

from typing import Any

from kerasish import ops, random
from kerasish.backend.dtypes import standardize_dtype
from kerasish.layers.regularization.dropout import Dropout

_SATURATION = -1.6732632423543772 * 1.0507009873554805  # SELU's value far to the left


class AlphaDropout(Dropout):
    """Dropout that keeps mean and variance of inputs that went through SELU.

    What is dropped becomes SELU's saturation, then all is scaled and shifted.

    Args:
        rate: float from 0 to 1, the part of the inputs that is dropped.
        noise_shape: tuple that broadcasts to the inputs' shape (None for an axis as it is): elements that share a
            position share their fate.
        seed: int, SeedGenerator or None for a random one: where the random numbers come from.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Call arguments:
        training: bool or None; whether the layer acts as in training. None takes it from the call around.

    Reference:
        Klambauer et al., "Self-Normalizing Neural Networks", 2017.

    >>> import kerasish as keras
    >>> keras.layers.AlphaDropout(0.5)(keras.ops.ones((2,))).tolist()
    [1.0, 1.0]
    """

    def disturb(self, inputs: Any) -> Any:
        shape = self.noise_for(inputs.shape) or ops.shape(inputs)
        kept = ops.greater_equal(random.uniform(shape, seed=self.seed_generator), self.rate)
        kept = ops.cast(kept, standardize_dtype(inputs.dtype))
        scale = ((1 - self.rate) * (1 + self.rate * _SATURATION**2)) ** -0.5
        return (inputs * kept + _SATURATION * (1 - kept)) * scale - scale * _SATURATION * self.rate
