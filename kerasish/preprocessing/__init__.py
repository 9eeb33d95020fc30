"""`keras.preprocessing`: old homes of what `keras.utils` holds."""

from kerasish.lazy import says_what_is_missing
from kerasish.preprocessing import image, sequence

__all__ = [
    "image",
    "sequence",
]

__getattr__ = says_what_is_missing(__name__)
