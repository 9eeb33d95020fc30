"""MixUp."""

from __future__ import annotations

from typing import Any

from kerasish import ops, random
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.cut_mix import mixed_labels
from kerasish.layers.preprocessing.image_preprocessing.factors import over_pixels
from kerasish.scalars import is_number
from kerasish.typing import Config, SeedLike, TensorLike


class MixUp(BaseImagePreprocessingLayer):
    """Pictures mixed with others of the batch, and labels mixed in the same proportion.

    Boxes of both pictures stay; a mask shows the classes of the picture with the larger weight.

    Args:
        alpha: float > 0, the parameter of the beta distribution from which each picture's weight comes; the larger, the
            more the pictures are mixed.
        data_format: "channels_last", "channels_first", or None for the global setting.
        seed: int, SeedGenerator or None for a random one.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`, `data_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels" (floats, such as one-hot ones), "bounding_boxes" and "segmentation_masks".

    Output shape:
        the same, floats; there are twice as many boxes.

    Reference:
        Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2017.

    >>> import kerasish as keras
    >>> data = {"images": keras.ops.ones((2, 4, 4, 3)), "labels": keras.ops.eye(2)}
    >>> keras.layers.MixUp(seed=1)(data, training=True)["labels"].sum(axis=1).round(3).tolist()
    [1.0, 1.0]
    """

    _USE_BASE_FACTOR = False

    def __init__(
        self, alpha: float = 0.2, data_format: str | None = None, seed: SeedLike = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        if not is_number(alpha) or alpha <= 0:
            raise ValueError(f"`alpha` must be a number > 0, got {alpha!r}.")
        self.alpha: float = alpha
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        batch, source = self._sizes(data)[0], self._source(seed)
        order = random.shuffle(ops.arange(batch, dtype="int32"), seed=source)
        weight = random.beta((batch,), self.alpha, self.alpha, dtype="float32", seed=source)
        return {"mix_weight": weight, "permutation_order": order}

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        if training:
            images = ops.cast(images, self._float)
            other = ops.take(images, transformation["permutation_order"], axis=0)
            weight = over_pixels(ops.cast(transformation["mix_weight"], self._float))
            images = weight * images + (1 - weight) * other
        return self._in_compute_dtype(images)

    def transform_labels(self, labels: TensorLike, transformation: Any, training: bool = True) -> Any:
        return mixed_labels(labels, transformation, self._float) if training else labels

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        if not training:
            return bounding_boxes
        order = transformation["permutation_order"]
        return {
            key: ops.concatenate([value, ops.take(value, order, axis=0)], axis=1)
            for key, value in bounding_boxes.items()
        }

    def transform_segmentation_masks(
        self, segmentation_masks: TensorLike, transformation: Any, training: bool = True
    ) -> Any:
        if not training:
            return segmentation_masks
        other = ops.take(segmentation_masks, transformation["permutation_order"], axis=0)
        shape = (-1, *[1] * (len(segmentation_masks.shape) - 1))
        own = ops.reshape(ops.greater_equal(transformation["mix_weight"], 0.5), shape)
        return ops.where(own, segmentation_masks, other)

    def get_config(self) -> Config:
        return {**super().get_config(), "alpha": self.alpha, "seed": self.seed}
