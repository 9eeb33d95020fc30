"""Pictures, masks and boxes moved by one matrix, of layers that turn, move, zoom, shear or tilt.

A matrix is 8 numbers a picture, (a0, a1, a2, b0, b1, b2, c0, c1): the point (x, y) of what comes out shows the point
((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k) of the picture, with k = c0 x + c1 y + 1.
"""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer import BaseImagePreprocessingLayer
from kerasish.layers.preprocessing.image_preprocessing.factors import is_number
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
        return warped(images, matrix, interpolation, self.fill_mode, self.fill_value, self.data_format)

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


def warped(
    images: AnyTensor, matrix: AnyTensor, interpolation: str, fill_mode: str, fill_value: float, data_format: str
) -> AnyTensor:
    """A batch of pictures, each moved by its matrix."""
    first = data_format == "channels_first"
    if first:
        images = ops.transpose(images, (0, 2, 3, 1))
    height, width = images.shape[1], images.shape[2]
    x = ops.reshape(ops.arange(width, dtype="float32"), (1, 1, -1))
    y = ops.reshape(ops.arange(height, dtype="float32"), (1, -1, 1))
    a0, a1, a2, b0, b1, b2, c0, c1 = (ops.expand_dims(column, 2) for column in ops.split(matrix, 8, axis=1))
    scale = c0 * x + c1 * y + 1.0
    moved = sampled(
        images, (b0 * x + b1 * y + b2) / scale, (a0 * x + a1 * y + a2) / scale, interpolation, fill_mode, fill_value
    )
    return ops.transpose(moved, (0, 3, 1, 2)) if first else moved


def sampled(
    images: AnyTensor, y: AnyTensor, x: AnyTensor, interpolation: str, fill_mode: str, fill_value: float
) -> AnyTensor:
    """A batch of pictures, channels last, at the points (y, x), each (batch, height, width)."""
    batch, height, width, channels = images.shape
    points = ops.reshape(images, (-1, channels))
    start = ops.reshape(ops.arange(batch, dtype="int32") * (height * width), (-1, 1, 1))

    def at(row, column):
        inside_y, inside_x = _inside(row, height, fill_mode), _inside(column, width, fill_mode)
        found = ops.take(points, start + inside_y * width + inside_x, axis=0)
        if fill_mode != "constant":
            return found
        known = ops.logical_and(ops.equal(inside_y, row), ops.equal(inside_x, column))
        return ops.where(ops.expand_dims(known, -1), found, ops.cast(fill_value, images.dtype))

    if interpolation == "nearest":
        return at(_whole(y + 0.5), _whole(x + 0.5))
    top, left = ops.floor(y), ops.floor(x)
    down, across = (ops.expand_dims(ops.cast(part, images.dtype), -1) for part in (y - top, x - left))
    top, left = _whole(top), _whole(left)
    upper = at(top, left) * (1 - across) + at(top, left + 1) * across
    lower = at(top + 1, left) * (1 - across) + at(top + 1, left + 1) * across
    return upper * (1 - down) + lower * down


_FAR = 1e6  # an int32 holds it: a tilted picture may show points that are as far away as one likes


def _whole(x):
    return ops.cast(ops.clip(ops.floor(x), -_FAR, _FAR), "int32")


def _inside(index, size, fill_mode):
    """Which point of an axis stands for one that may be outside of it."""
    if fill_mode == "wrap":
        return ops.mod(index, size)
    if fill_mode == "reflect":
        index = ops.mod(index, 2 * size)
        return ops.minimum(index, 2 * size - 1 - index)
    if fill_mode == "mirror":
        index = ops.mod(index, max(2 * size - 2, 1))
        return ops.minimum(index, 2 * size - 2 - index)
    return ops.clip(index, 0, size - 1)
