"""`keras.datasets`: small data sets to try a model on."""

from kerasish.datasets import digits
from kerasish.lazy import says_what_is_missing

__all__ = [
    "digits",
]

__getattr__ = says_what_is_missing(__name__)
