"""What earlier Kerases had (`keras.legacy`): `layers` of Keras 1 and 2, and `saving` by class names alone."""

from typing import TYPE_CHECKING

from kerasish.lazy import lazy

if TYPE_CHECKING:
    from kerasish.legacy import layers, saving
else:
    __getattr__, __dir__ = lazy(__name__, {"kerasish.legacy": "layers saving"})

__all__ = [
    "layers",
    "saving",
]
