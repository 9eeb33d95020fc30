"""What layers that disturb their inputs in training share."""

from __future__ import annotations

from typing import Any

from kerasish.layers.base.layer import Layer
from kerasish.random import SeedGenerator
from kerasish.typing import SeedLike


class NoiseLayer(Layer):
    """Returns its inputs, and in training what `disturb` makes of them.

    Args:
        strength: float; nothing is done where it is 0.
        seed: int, SeedGenerator or None.
    """

    def __init__(self, strength: Any, seed: SeedLike = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self._strength = strength
        if strength > 0:
            self.seed_generator: SeedGenerator = seed if isinstance(seed, SeedGenerator) else SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def disturb(self, inputs: Any) -> Any:
        """The disturbed inputs."""
        raise TypeError(f"{type(self).__name__} must define `disturb`.")

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.disturb(inputs) if training and self._strength > 0 else inputs
