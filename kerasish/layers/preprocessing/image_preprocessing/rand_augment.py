"""RandAugment."""

from __future__ import annotations

from typing import Any

from kerasish import ops, random
from kerasish.layers.base.arguments import positive
from kerasish.layers.preprocessing.image_preprocessing.composite import CompositeLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import checked_factor, checked_range
from kerasish.layers.preprocessing.image_preprocessing.geometry import INTERPOLATIONS, supported
from kerasish.typing import Config, SeedLike, TensorLike

_LAYERS = (
    "random_shear", "random_translation", "random_rotation", "random_brightness", "random_color_degeneration",
    "random_contrast", "random_sharpness", "random_posterization", "solarization", "auto_contrast", "equalization",
)  # fmt: skip


class RandAugment(CompositeLayer):
    """Pictures changed by a few of eleven layers, which are drawn for the batch, each time from all.

    Args:
        value_range: two numbers, the least and the greatest value of the pictures.
        num_ops: int > 0, how many layers are applied, one after the other.
        factor: float or two floats from 0 to 1: how strong they are; a single number stands for (0, factor).
        interpolation: "bilinear" or "nearest", of the layers that move points.
        seed: int, SeedGenerator or None for a random one.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels", "bounding_boxes" and "segmentation_masks", which move with them.

    Output shape:
        the same; pictures as floats.

    Reference:
        Cubuk et al., "RandAugment: Practical automated data augmentation with a reduced search space", 2019.

    >>> import kerasish as keras
    >>> keras.layers.RandAugment(seed=1)(keras.ops.ones((2, 8, 8, 3)), training=True).shape
    (2, 8, 8, 3)
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        num_ops: int = 2,
        factor: Any = 0.5,
        interpolation: str = "bilinear",
        seed: SeedLike = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.value_range: Any = checked_range(value_range)
        self.num_ops: int = positive(num_ops, "num_ops")
        self.factor: Any = checked_factor(factor, "factor", self._FACTOR_BOUNDS)
        self.interpolation: str = supported(interpolation, INTERPOLATIONS, "interpolation")
        self._make_generator(seed)
        self._make_layers(_LAYERS, self.factor, self.value_range, self.interpolation)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        chosen = random.randint((self.num_ops,), 0, len(self.layer_names), seed=self._source(seed))
        return {"transforms": self._drawn(data), "layer_idxes": chosen}

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        if training:
            images = self._through("transform_images", ops.cast(images, self._float), transformation)
        return self._in_compute_dtype(images)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        if not training:
            return bounding_boxes
        return self._through("transform_bounding_boxes", self._float_boxes(bounding_boxes), transformation)

    def transform_segmentation_masks(
        self, segmentation_masks: TensorLike, transformation: Any, training: bool = True
    ) -> Any:
        if not training:
            return segmentation_masks
        return self._through("transform_segmentation_masks", segmentation_masks, transformation)

    def _through(self, method, value, transformation):
        for at in range(transformation["layer_idxes"].shape[0]):
            value = self._by_chance(transformation["layer_idxes"][at], method, value, transformation["transforms"])
        return value

    def get_config(self) -> Config:
        names = ("value_range", "num_ops", "factor", "interpolation", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
