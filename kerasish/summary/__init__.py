"""A program's own numbers, pictures and texts in TensorBoard, as `tf.summary` writes them (an addition to Keras)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasish.lazy import lazy

if TYPE_CHECKING:
    from kerasish.summary.functions import histogram, image, scalar, text
    from kerasish.summary.writer import SummaryWriter, create_file_writer
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "kerasish.summary.functions": "histogram image scalar text",
            "kerasish.summary.writer": "SummaryWriter create_file_writer",
        },
    )

__all__ = ["SummaryWriter", "create_file_writer", "histogram", "image", "scalar", "text"]
