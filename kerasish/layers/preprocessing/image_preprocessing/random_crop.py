"""RandomCrop."""

from __future__ import annotations

from typing import Any

from kerasish import ops, random
from kerasish.layers.preprocessing.image_preprocessing.picture_size import PictureSizeLayer, middle_part
from kerasish.typing import Config, DTypeLike, SeedLike, TensorLike


class RandomCrop(PictureSizeLayer):
    """A part of pictures: in training from a place that is drawn for the batch, outside of it the middle.

    A picture that is too small, and every picture outside of training, is resized: the largest middle part of the right
    proportions.

    Args:
        height: int > 0, rows of what comes out.
        width: int > 0, columns of what comes out.
        seed: int, SeedGenerator or None for a random one.
        data_format: "channels_last", "channels_first", or None for the global setting.
        name: string, by default made of the class's name.
        **kwargs: those of `Layer`: `dtype`, `trainable`, ..., and `bounding_box_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which are cut with them.

    Output shape:
        (batch, height, width, channels) of the new sizes; pictures as floats.

    >>> import kerasish as keras
    >>> keras.layers.RandomCrop(2, 3)(keras.ops.ones((4, 8, 8, 1)), training=True).shape
    (4, 2, 3, 1)
    """

    def __init__(
        self,
        height: int,
        width: int,
        seed: SeedLike = None,
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(height, width, data_format, name=name, **kwargs)
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        _, height, width = self._sizes(data)
        if not training or self._too_small(height, width):
            return 0, 0, height, width
        source = self._source(seed)
        top, left = (
            random.randint((), 0, size - wanted + 1, seed=source)
            for size, wanted in ((height, self.height), (width, self.width))
        )
        return top, left, height, width

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        return self._cut(self._in_compute_dtype(images), transformation, training, "bilinear")

    def transform_segmentation_masks(
        self, segmentation_masks: TensorLike, transformation: Any, training: bool = True
    ) -> Any:
        return self._cut(segmentation_masks, transformation, training, "nearest")

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        top, left, height, width = transformation
        if training and not self._too_small(height, width):
            part = (ops.cast(top, self._float), ops.cast(left, self._float), self.height, self.width)
        else:
            part = middle_part(height, width, (self.height, self.width))
        return self._moved_boxes(bounding_boxes, {"height": height, "width": width}, part)

    def _too_small(self, height, width):
        return height < self.height or width < self.width

    def _cut(self, images, transformation, training, interpolation):
        if training and not self._too_small(*(images.shape[axis] for axis in self._axes[:2])):
            return self._window(images, transformation[0], transformation[1])
        return self._middle_resized(images, interpolation)

    def output_dtype_for(self, dtype: DTypeLike) -> Any:
        return self.compute_dtype

    def get_config(self) -> Config:
        return {**super().get_config(), "seed": self.seed}
