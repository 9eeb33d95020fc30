"""`keras.datasets`: small data sets to try a model on."""

from kerasish.datasets import digits

__all__ = [
    "digits",
]
