"""Where height, width and channels of images are."""

from __future__ import annotations

from kerasish.backend.primitives import p
from kerasish.backend.settings import standardize_data_format
from kerasish.ops.convert import value_of
from kerasish.ops.numpy.helpers import transpose_to
from kerasish.typing import AnyTensor, TensorLike


class ImageAxes:
    """Axes of (batch, height, width, channels) or (height, width, channels), or with the channels before the height.

    Args:
        images: tensor.
        data_format: "channels_last", "channels_first" or None for the global setting.
        name: string, the argument's name in errors.

    Attributes:
        height: int, the axis, not negative.
        width: int, the axis, not negative.
        channels: int, the axis, not negative.
        batched: bool, whether there is an axis for the batch.
    """

    def __init__(self, images: TensorLike, data_format: str | None, name: str = "images") -> None:
        rank = len(images.shape)
        if rank not in (3, 4):
            raise ValueError(f"`{name}` must have three axes, or four with a batch, got shape {tuple(images.shape)}.")
        self.first, self.batched = standardize_data_format(data_format) == "channels_first", rank == 4
        self.height, self.width, self.channels = (
            (rank - 2, rank - 1, rank - 3) if self.first else (rank - 3, rank - 2, rank - 1)
        )

    def last(self, x: TensorLike) -> AnyTensor:
        """`x` with its channels last."""
        lead = tuple(range(self.batched))
        return transpose_to(x, (*lead, *(i + self.batched for i in (1, 2, 0)))) if self.first else x

    def back(self, x: TensorLike) -> AnyTensor:
        """`x`, whose channels are last, with its channels where they were."""
        lead = tuple(range(self.batched))
        return transpose_to(x, (*lead, *(i + self.batched for i in (2, 0, 1)))) if self.first else x

    def size(self, images: TensorLike) -> tuple[int, int]:
        """(height, width)."""
        return images.shape[self.height], images.shape[self.width]


class ImageBatch:
    """Images with their channels last and a batch in front, and the way back.

    Args:
        images: tensor (batch, height, width, channels) or without the batch, or with the channels before the height.
        data_format: "channels_last", "channels_first" or None for the global setting.
        name: string, the argument's name in errors.

    Attributes:
        axes: the ImageAxes of the images as they came.
        images: tensor (batch, height, width, channels).
    """

    def __init__(self, images: TensorLike, data_format: str | None, name: str = "images") -> None:
        images = value_of(images)
        self.axes = ImageAxes(images, data_format, name)
        x = self.axes.last(images)
        self.images = x if self.axes.batched else p.reshape(x, shape=(1, *x.shape))

    def back(self, x: TensorLike) -> AnyTensor:
        """Images (batch, height, width, channels) as those came."""
        return self.axes.back(x if self.axes.batched else p.reshape(x, shape=tuple(x.shape[1:])))
