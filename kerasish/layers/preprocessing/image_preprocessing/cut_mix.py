"""CutMix."""

from __future__ import annotations

from typing import Any

from kerasish import ops, random
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import checked_factor, one_each, over_pixels
from kerasish.layers.preprocessing.image_preprocessing.patches import over_batch, rectangles
from kerasish.typing import Config, SeedLike, TensorLike


class CutMix(BaseImagePreprocessingLayer):
    """Pictures with a rectangle of another picture of the batch, and labels mixed in the same proportion.

    Args:
        factor: float or two floats from 0 to 1: between which bounds the parameter of a beta distribution is drawn for
            the batch, from which each picture's weight comes; a single number stands for (0, factor). The larger, the
            more the pictures are mixed.
        seed: int, SeedGenerator or None for a random one.
        data_format: "channels_last", "channels_first", or None for the global setting.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ..., and `bounding_box_format`, `data_format`.

    Input shape:
        (batch, height, width, channels), or one picture without the batch, or a dict with "images" and perhaps
        "labels" (floats, such as one-hot ones), "bounding_boxes", which stay, and "segmentation_masks".

    Output shape:
        the same, floats; masks in their own dtype.

    Reference:
        Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features", 2019.

    >>> import kerasish as keras
    >>> data = {"images": keras.ops.ones((2, 4, 4, 3)), "labels": keras.ops.eye(2)}
    >>> keras.layers.CutMix(seed=1)(data, training=True)["labels"].sum(axis=1).round(3).tolist()
    [1.0, 1.0]
    """

    _USE_BASE_FACTOR = False
    _FACTOR_BOUNDS = (0, 1)

    def __init__(self, factor: Any = 1.0, seed: SeedLike = None, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.factor: Any = checked_factor(factor, "factor", self._FACTOR_BOUNDS)
        self._make_generator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        if not training:
            return None
        batch, height, width = self._sizes(data)
        source = self._source(seed)
        order = random.shuffle(ops.arange(batch, dtype="int32"), seed=source)
        alpha = ops.maximum(one_each(1, self.factor, source, "float32"), 1e-6)
        weight = random.beta((batch,), alpha, alpha, dtype="float32", seed=source)
        part = ops.sqrt(1.0 - weight)
        rows, columns = height * part, width * part
        top = (height - rows) * one_each(batch, (0, 1), source, "float32")
        left = (width - columns) * one_each(batch, (0, 1), source, "float32")
        masks = over_batch(rectangles(top, left, rows, columns, height, width), self.data_format)
        return {"permutation_order": order, "batch_masks": masks, "mix_weight": over_pixels(weight)}

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        images = self._in_compute_dtype(images)
        return self._mixed(images, transformation) if training else images

    def transform_segmentation_masks(
        self, segmentation_masks: TensorLike, transformation: Any, training: bool = True
    ) -> Any:
        return self._mixed(segmentation_masks, transformation) if training else segmentation_masks

    def transform_labels(self, labels: TensorLike, transformation: Any, training: bool = True) -> Any:
        if not training:
            return labels
        return mixed_labels(labels, transformation, self._float)

    def _mixed(self, images, transformation):
        other = ops.take(images, transformation["permutation_order"], axis=0)
        masks = ops.any(transformation["batch_masks"], axis=self._axes[2], keepdims=True)
        return ops.where(masks, other, images)

    def get_config(self) -> Config:
        return {**super().get_config(), "factor": self.factor, "seed": self.seed}


def mixed_labels(labels: TensorLike, transformation: Any, dtype: str) -> Any:
    """Labels (batch, ...) and those of the pictures that were mixed in, each with its weight."""
    labels = ops.cast(labels, dtype)
    shape = (-1, *[1] * (len(labels.shape) - 1))
    weight = ops.reshape(ops.cast(transformation["mix_weight"], dtype), shape)
    other = ops.take(labels, transformation["permutation_order"], axis=0)
    return weight * labels + (1 - weight) * other
