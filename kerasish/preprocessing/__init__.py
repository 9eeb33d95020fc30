"""`keras.preprocessing`: old homes of what `keras.utils` holds."""

from kerasish.preprocessing import image, sequence

__all__ = [
    "image",
    "sequence",
]
