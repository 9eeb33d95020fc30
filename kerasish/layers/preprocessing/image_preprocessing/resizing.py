"""Resizing."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.base.arguments import one_of
from kerasish.layers.preprocessing.image_preprocessing.picture_size import (
    PictureSizeLayer,
    middle_part,
    padded_part,
)
from kerasish.typing import Config, TensorLike

_INTERPOLATIONS = ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")


class Resizing(PictureSizeLayer):
    """Pictures of another size.

    Args:
        height: int > 0, rows of what comes out.
        width: int > 0, columns of what comes out.
        interpolation: "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5".
        crop_to_aspect_ratio: bool, whether the pictures are first cropped to the new proportions.
        pad_to_aspect_ratio: bool, whether the pictures are first padded with `fill_value` to the new proportions.
        fill_mode: "constant", how the padding is filled.
        fill_value: float, the value of the padding.
        antialias: bool, whether a smaller picture averages over all pixels that fall on one of its own.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`.

    Input shape:
        (batch, height, width, channels) or one picture without the batch, or a dict of "images", "labels",
        "bounding_boxes" and "segmentation_masks". The dtype stays: integers are rounded.

    >>> import kerasish as keras
    >>> keras.layers.Resizing(2, 4)(keras.ops.ones((1, 8, 8, 3))).shape
    (1, 2, 4, 3)
    """

    _TAKES_EMPTY = False

    def __init__(
        self,
        height: Any,
        width: Any,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(height, width, data_format, **kwargs)
        self.interpolation: str = one_of(interpolation, _INTERPOLATIONS, "interpolation")
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise ValueError("Only one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio` can be true.")
        self.crop_to_aspect_ratio: bool = crop_to_aspect_ratio
        self.pad_to_aspect_ratio: bool = pad_to_aspect_ratio
        self.fill_mode: str = one_of(fill_mode, ("constant",), "fill_mode")
        self.fill_value: float = fill_value
        self.antialias: bool = bool(antialias)

    def transform_images(self, images: TensorLike, transformation: Any = None, training: bool = True) -> Any:
        return self._resized(images, self.interpolation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        return self._resized(segmentation_masks, "nearest")  # a mix of two classes would be a third

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        height, width = transformation["height"], transformation["width"]
        part = (0, 0, height, width)
        if self.crop_to_aspect_ratio or self.pad_to_aspect_ratio:
            find = middle_part if self.crop_to_aspect_ratio else padded_part
            part = find(height, width, (self.height, self.width))
        return self._moved_boxes(bounding_boxes, transformation, part)

    def _resized(self, images, interpolation):
        return ops.image.resize(
            images, (self.height, self.width), interpolation=interpolation, antialias=self.antialias,
            data_format=self.data_format,
            crop_to_aspect_ratio=self.crop_to_aspect_ratio, pad_to_aspect_ratio=self.pad_to_aspect_ratio,
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
        )  # fmt: skip

    def get_config(self) -> Config:
        names = ("interpolation", "crop_to_aspect_ratio", "pad_to_aspect_ratio", "fill_mode", "fill_value", "antialias")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
