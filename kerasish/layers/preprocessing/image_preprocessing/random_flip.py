"""RandomFlip."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.base.arguments import one_of
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import chosen, over_pixels
from kerasish.typing import Config, SeedLike, TensorLike


class RandomFlip(BaseImagePreprocessingLayer):
    """Pictures of which half are mirrored.

    Args:
        mode: "horizontal" (left and right change places), "vertical" (top and bottom) or "horizontal_and_vertical"
            (both, of the same pictures).
        seed: int, SeedGenerator or None for a random one.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which are mirrored with them.

    Output shape:
        the same; pictures as floats.

    >>> import kerasish as keras
    >>> layer = keras.layers.RandomFlip("horizontal", seed=1)
    >>> layer(keras.ops.array([[[[1.0], [2.0]]]] * 4), training=True)[:, 0, 0, 0].tolist()
    [2.0, 2.0, 1.0, 1.0]
    """

    _USE_BASE_FACTOR = False

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: SeedLike = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.mode: str = one_of(mode, ("horizontal", "vertical", "horizontal_and_vertical"), "mode")
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        batch = self._sizes(data)[0]
        flips = over_pixels(chosen(batch, (0.5, 0.5), self._source(seed)))
        return {"flips": flips, "input_shape": (data["images"] if isinstance(data, dict) else data).shape}

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        images = self._in_compute_dtype(images)
        return self._flipped(images, transformation) if training else images

    def transform_segmentation_masks(
        self, segmentation_masks: TensorLike, transformation: Any, training: bool = True
    ) -> Any:
        return self._flipped(segmentation_masks, transformation) if training else segmentation_masks

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        if not training:
            return bounding_boxes
        shape = transformation["input_shape"]
        height, width = (shape[axis] for axis in self._axes[:2])
        left, top, right, bottom = ops.split(self._corners(bounding_boxes, height, width), 4, axis=-1)
        flips = ops.reshape(transformation["flips"], (-1, 1, 1))
        if "horizontal" in self.mode:
            left, right = ops.where(flips, width - right, left), ops.where(flips, width - left, right)
        if "vertical" in self.mode:
            top, bottom = ops.where(flips, height - bottom, top), ops.where(flips, height - top, bottom)
        corners = ops.concatenate([left, top, right, bottom], axis=-1)
        return self._boxes_of(corners, bounding_boxes, height, width)

    def _flipped(self, images, transformation):
        rows, columns, _ = self._axes
        axes = [axis for axis, name in ((columns, "horizontal"), (rows, "vertical")) if name in self.mode]
        return ops.where(transformation["flips"], ops.flip(images, axes), images)

    def get_config(self) -> Config:
        return {**super().get_config(), "seed": self.seed, "mode": self.mode}
