"""Where height, width and channels of images are."""

from __future__ import annotations

from typing import Any

from kerasish.backend.settings import standardize_data_format
from kerasish.ops.numpy.helpers import transpose_to
from kerasish.typing import TensorLike


class ImageAxes:
    """Axes of (batch, height, width, channels) or (height, width, channels).

    Or the same with the channels before the height.

    Attributes:
        height, width, channels: axes, not negative; batched: whether there is an axis for the batch.
    """

    def __init__(self, images: TensorLike, data_format: str, name: str = "images") -> None:
        rank = len(images.shape)
        if rank not in (3, 4):
            raise ValueError(f"`{name}` must have three axes, or four with a batch, got shape {tuple(images.shape)}.")
        self.first, self.batched = standardize_data_format(data_format) == "channels_first", rank == 4
        self.height, self.width, self.channels = (
            (rank - 2, rank - 1, rank - 3) if self.first else (rank - 3, rank - 2, rank - 1)
        )

    def last(self, x: TensorLike) -> Any:
        """`x` with its channels last."""
        lead = tuple(range(self.batched))
        return transpose_to(x, (*lead, *(i + self.batched for i in (1, 2, 0)))) if self.first else x

    def back(self, x: TensorLike) -> Any:
        """`x`, whose channels are last, with its channels where they were."""
        lead = tuple(range(self.batched))
        return transpose_to(x, (*lead, *(i + self.batched for i in (2, 0, 1)))) if self.first else x

    def size(self, images: TensorLike) -> Any:
        """(height, width); both must be known."""
        found = images.shape[self.height], images.shape[self.width]
        if None in found:
            raise TypeError("The height and width of the images must be known.")
        return found
