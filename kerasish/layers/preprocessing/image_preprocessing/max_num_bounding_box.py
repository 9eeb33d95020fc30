"""MaxNumBoundingBoxes."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.base.arguments import positive
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.scalars import is_number
from kerasish.typing import Config, TensorLike


class MaxNumBoundingBoxes(BaseImagePreprocessingLayer):
    """Pictures with a given number of boxes each: more are left out, fewer are filled up.

    Args:
        max_number: int > 0, how many boxes a picture has afterwards.
        fill_value: number that boxes and labels are filled up with.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`.

    Input shape:
        pictures, or a dict with "images", "bounding_boxes" and perhaps "labels" and "segmentation_masks", which stay.

    Output shape:
        the same with (batch, max_number, 4) boxes.

    >>> import kerasish as keras
    >>> layer = keras.layers.MaxNumBoundingBoxes(3, bounding_box_format="xyxy")
    >>> boxes = {"boxes": keras.ops.ones((1, 2, 4)), "labels": keras.ops.ones((1, 2))}
    >>> layer({"images": keras.ops.ones((1, 8, 8, 3)), "bounding_boxes": boxes})["bounding_boxes"]["labels"].tolist()
    [[1.0, 1.0, -1.0]]
    """

    _USE_BASE_FACTOR = False

    def __init__(self, max_number: int, fill_value: float = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_number: int = positive(max_number, "max_number")
        if not is_number(fill_value):
            raise ValueError(f"`fill_value` must be a number, got {fill_value!r}.")
        self.fill_value: float = fill_value

    def transform_images(self, images: TensorLike, transformation: Any = None, training: bool = True) -> Any:
        return images

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any = None, training: bool = True) -> Any:
        return {key: self._filled(value) for key, value in bounding_boxes.items()}

    def _filled(self, x):
        x = ops.convert_to_tensor(x)[:, : self.max_number]
        missing = self.max_number - x.shape[1]
        if not missing:
            return x
        pads = [(0, 0), (0, missing)] + [(0, 0)] * (len(x.shape) - 2)
        return ops.pad(x, pads, constant_values=ops.cast(self.fill_value, x.dtype))

    def get_config(self) -> Config:
        return {**super().get_config(), "max_number": self.max_number, "fill_value": self.fill_value}
