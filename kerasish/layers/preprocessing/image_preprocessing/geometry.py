"""Pictures, masks and boxes moved by one matrix, of layers that turn, move, zoom, shear or tilt.

A matrix is 8 numbers a picture, as `ops.image.affine_transform` takes them.
"""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.scalars import is_number
from kerasish.suggestions import did_you_mean
from kerasish.typing import AnyTensor, TensorLike
from kerasish.utils.bounding_boxes.moves import around

FILL_MODES = ("reflect", "wrap", "constant", "nearest")
INTERPOLATIONS = ("nearest", "bilinear")


def supported(value: Any, choices: tuple[str, ...], name: str) -> str:
    """`value`, if it is one of `choices`. Raises NotImplementedError, as Keras does, naming the argument."""
    if value not in choices:
        raise NotImplementedError(
            f"Unknown `{name}` {value!r}: it must be one of {', '.join(map(repr, choices))}."
            f"{did_you_mean(value, choices)}"
        )
    return value


def checked_fill(value: Any) -> float:
    """A number that fills what lies outside of a picture. Raises ValueError naming the argument."""
    if not is_number(value):
        raise ValueError(f"`fill_value` must be a number, got {value!r}.")
    return value


class GeometricLayer(BaseImagePreprocessingLayer):
    """Pictures whose points change places. Subclasses define `matrix_of` and `size_of`."""

    _USE_BASE_FACTOR = False
    interpolation: str
    fill_mode: str
    fill_value: float

    def _set_modes(self, interpolation, fill_mode, fill_value):
        self.interpolation = supported(interpolation, INTERPOLATIONS, "interpolation")
        self.fill_mode = supported(fill_mode, FILL_MODES, "fill_mode")
        self.fill_value = checked_fill(fill_value)

    def matrix_of(self, transformation: Any) -> AnyTensor:
        """The matrix (batch, 8) of what was drawn."""
        raise TypeError(f"{type(self).__name__} must define `matrix_of`.")

    def size_of(self, transformation: Any) -> tuple[Any, Any]:
        """(height, width) of the pictures."""
        shape = transformation["input_shape"]
        return shape[self._axes[0]], shape[self._axes[1]]

    def transform_images(self, images: TensorLike, transformation: Any, training: bool = True) -> Any:
        if training:
            images = self._warped(ops.cast(images, self._float), transformation, self.interpolation)
        return self._in_compute_dtype(images)

    def transform_segmentation_masks(
        self, segmentation_masks: TensorLike, transformation: Any, training: bool = True
    ) -> Any:
        if not training:
            return segmentation_masks
        return self._warped(segmentation_masks, transformation, "nearest")  # a mix of two classes would be a third

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        if not training:
            return bounding_boxes
        height, width = self.size_of(transformation)
        corners = self._corners(bounding_boxes, height, width)
        moved = moved_boxes(corners, ops.cast(self.matrix_of(transformation), self._float))
        return self._boxes_of(moved, bounding_boxes, height, width)

    def _warped(self, images, transformation, interpolation):
        matrix = ops.cast(self.matrix_of(transformation), "float32")
        modes = interpolation, self.fill_mode, self.fill_value, self.data_format
        return ops.image.affine_transform(images, matrix, *modes)

    def _shape_of(self, data):
        return (data["images"] if isinstance(data, dict) else data).shape


def matrix(*columns: AnyTensor) -> AnyTensor:
    """(batch, 8) of eight numbers or tensors (batch,), of which the first is a tensor."""
    like = columns[0]
    return ops.stack([ops.broadcast_to(ops.cast(column, like.dtype), like.shape) for column in columns], axis=1)


def moved_boxes(corners: AnyTensor, matrix: AnyTensor) -> AnyTensor:
    """The boxes (batch, N, 4) around what boxes become: their points go the other way than a matrix says."""
    a0, a1, a2, b0, b1, b2, c0, c1 = (ops.expand_dims(column, 1) for column in ops.split(matrix, 8, axis=1))

    def point(x, y):
        scale = (b0 * c1 - b1 * c0) * x + (a1 * c0 - a0 * c1) * y + (a0 * b1 - a1 * b0)
        return (
            ((b1 - b2 * c1) * x + (a2 * c1 - a1) * y + (a1 * b2 - a2 * b1)) / scale,
            ((b2 * c0 - b0) * x + (a0 - a2 * c0) * y + (a2 * b0 - a0 * b2)) / scale,
        )

    return ops.concatenate(around(point)(*ops.split(corners, 4, axis=-1)), axis=-1)
