"""CenterCrop."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.preprocessing.base_image_layer import PictureSizeLayer
from kerasish.typing import DTypeLike, TensorLike


class CenterCrop(PictureSizeLayer):
    """The middle of pictures.

    A picture that is too small is enlarged: the largest middle part of the right proportions is resized.

    Args:
        height: int > 0, rows of what comes out.
        width: int > 0, columns of what comes out.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input shape:
        (batch, height, width, channels) or one picture without the batch.

    Output shape:
        floats.

    >>> import kerasish as keras
    >>> layer = keras.layers.CenterCrop(1, 2)
    >>> layer(keras.ops.reshape(keras.ops.arange(12.0), (1, 3, 4, 1))).ravel().tolist()
    [5.0, 6.0]
    """

    def transform_images(self, images: TensorLike, transformation: Any = None, training: bool = True) -> Any:
        images = ops.cast(images, self.compute_dtype)
        rows, columns = (images.shape[axis] for axis in self._axes)
        if rows < self.height or columns < self.width:
            return ops.image.resize(
                images, (self.height, self.width), crop_to_aspect_ratio=True, data_format=self.data_format
            )
        top, left = (rows - self.height) // 2, (columns - self.width) // 2
        part = (slice(top, top + self.height), slice(left, left + self.width))
        return ops.get_item(images, (..., *part) if self.data_format == "channels_first" else (..., *part, slice(None)))

    def output_dtype_for(self, dtype: DTypeLike) -> Any:
        return self.compute_dtype
