"""`keras.preprocessing`: old homes of what `keras.utils` holds, and Keras 2's generators and tokenizer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasish.lazy import lazy

if TYPE_CHECKING:
    from kerasish.preprocessing import image, sequence, text
else:
    __getattr__, __dir__ = lazy(__name__, {"kerasish.preprocessing": "image sequence text"})

__all__ = [
    "image",
    "sequence",
    "text",
]
