"""How far boxes overlap."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kerasish import ops
from kerasish.typing import AnyTensor, TensorLike
from kerasish.utils.bounding_boxes.formats import checked_format, convert_format

_EPSILON = 1e-7


def compute_iou(
    boxes1: TensorLike,
    boxes2: TensorLike,
    bounding_box_format: str,
    use_masking: bool = False,
    mask_val: float = -1,
    image_shape: Sequence[int] | None = None,
) -> AnyTensor:
    """The shared part of each of the first boxes with each of the second: intersection over union.

    Args:
        boxes1: tensor (M, 4) or (batch, M, 4).
        boxes2: tensor (N, 4) or (batch, N, 4).
        bounding_box_format: string, one of the formats of `convert_format`.
        use_masking: bool, whether pairs with a box of which all four numbers are negative get `mask_val`.
        mask_val: number for these pairs.
        image_shape: (height, width, ...) of the pictures; needed where the format is relative.

    Returns:
        Tensor (M, N), or (batch, M, N) where one of them has a batch.

    Raises:
        ValueError: for an unknown format, another rank, or a relative format without `image_shape`.

    Example:
        >>> import kerasish as keras
        >>> boxes = keras.ops.array([[0.0, 0.0, 2.0, 2.0], [1.0, 0.0, 3.0, 2.0]])
        >>> (1000 * keras.utils.bounding_boxes.compute_iou(boxes, boxes, "xyxy")).round().tolist()
        [[1000.0, 333.0], [333.0, 1000.0]]
    """
    boxes1, boxes2 = (
        _corners(boxes, bounding_box_format, image_shape, name)
        for boxes, name in ((boxes1, "boxes1"), (boxes2, "boxes2"))
    )
    for boxes, name in ((boxes1, "boxes1"), (boxes2, "boxes2")):
        if len(boxes.shape) not in (2, 3):
            raise ValueError(f"`{name}` must have the shape (N, 4) or (batch, N, 4), got {tuple(boxes.shape)}.")
    shared, area1, area2 = _areas(ops.expand_dims(boxes1, -2), ops.expand_dims(boxes2, -3))
    found = ops.squeeze(ops.divide_no_nan(shared, area1 + area2 - shared), -1)
    if not use_masking:
        return found
    absent1, absent2 = (ops.all(ops.less(boxes, 0), axis=-1) for boxes in (boxes1, boxes2))
    absent = ops.logical_or(ops.expand_dims(absent1, -1), ops.expand_dims(absent2, -2))
    return ops.where(absent, ops.cast(mask_val, found.dtype), found)


def compute_ciou(
    boxes1: TensorLike,
    boxes2: TensorLike,
    bounding_box_format: str,
    image_shape: Sequence[int] | None = None,
) -> AnyTensor:
    """How far boxes agree, pair by pair: intersection over union, less what middles and proportions differ.

    Args:
        boxes1: tensor (..., 4).
        boxes2: tensor (..., 4) that broadcasts with `boxes1`.
        bounding_box_format: string, one of the formats of `convert_format`.
        image_shape: (height, width, ...) of the pictures; needed where the format is relative.

    Returns:
        Tensor (...), 1 for boxes that are equal.

    Raises:
        ValueError: for an unknown format, or a relative format without `image_shape`.

    Example:
        >>> import kerasish as keras
        >>> box, other = keras.ops.array([[0.0, 0.0, 2.0, 2.0]]), keras.ops.array([[1.0, 0.0, 3.0, 2.0]])
        >>> (1000 * keras.utils.bounding_boxes.compute_ciou(box, other, "xyxy")).round().tolist()
        [256.0]

    Reference:
        Zheng et al., "Distance-IoU Loss: Faster and Better Learning for Bounding Box Regression", 2020, equation 9.
    """
    boxes1, boxes2 = (
        _corners(boxes, bounding_box_format, image_shape, name)
        for boxes, name in ((boxes1, "boxes1"), (boxes2, "boxes2"))
    )
    shared, area1, area2 = _areas(boxes1, boxes2)
    iou = shared / (area1 + area2 - shared + _EPSILON)
    left1, top1, right1, bottom1 = ops.split(boxes1, 4, axis=-1)
    left2, top2, right2, bottom2 = ops.split(boxes2, 4, axis=-1)
    across = ops.maximum(right1, right2) - ops.minimum(left1, left2)
    down = ops.maximum(bottom1, bottom2) - ops.minimum(top1, top2)
    diagonal = ops.square(across) + ops.square(down) + _EPSILON
    apart = (ops.square(left1 + right1 - left2 - right2) + ops.square(top1 + bottom1 - top2 - bottom2)) / 4
    shape1 = ops.arctan((right1 - left1) / (bottom1 - top1 + _EPSILON))
    shape2 = ops.arctan((right2 - left2) / (bottom2 - top2 + _EPSILON))
    unlike = (4 / math.pi**2) * ops.square(shape1 - shape2)
    weight = unlike / (1 - iou + unlike + _EPSILON)
    return ops.squeeze(iou - (apart / diagonal + weight * unlike), -1)


def _corners(boxes, kind, image_shape, name):
    boxes = ops.convert_to_tensor(boxes)
    if not boxes.shape or boxes.shape[-1] != 4:
        raise ValueError(f"`{name}` must have 4 numbers on its last axis, got shape {tuple(boxes.shape)}.")
    kind = checked_format(kind)
    if kind.startswith("rel_") and image_shape is None:
        raise ValueError(f"`image_shape` is needed for boxes of the format {kind!r}.")
    height, width = (None, None) if image_shape is None else image_shape[:2]
    return convert_format(boxes, kind, "xyxy", height, width)


def _areas(boxes1, boxes2):
    """What two boxes share, and the area of each."""
    left1, top1, right1, bottom1 = ops.split(boxes1, 4, axis=-1)
    left2, top2, right2, bottom2 = ops.split(boxes2, 4, axis=-1)
    across = ops.relu(ops.minimum(right1, right2) - ops.maximum(left1, left2))
    down = ops.relu(ops.minimum(bottom1, bottom2) - ops.maximum(top1, top2))
    return across * down, (right1 - left1) * (bottom1 - top1), (right2 - left2) * (bottom2 - top2)
