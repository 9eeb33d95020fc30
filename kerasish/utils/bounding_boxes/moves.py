"""Bounding boxes that move with their pictures."""

from __future__ import annotations

import math
from typing import Any

from kerasish import ops
from kerasish.typing import AnyTensor, TensorLike
from kerasish.utils.bounding_boxes.formats import checked_format, convert_format

Number = Any  # an int or float, or a tensor of one


def clip_to_image_size(
    bounding_boxes: dict[str, Any],
    height: Number = None,
    width: Number = None,
    bounding_box_format: str = "xyxy",
) -> dict[str, Any]:
    """Boxes without what lies outside of the picture; a box of which nothing is left gets the label -1.

    Args:
        bounding_boxes: dict with "boxes" (..., N, 4) and "labels" (..., N).
        height: number of rows of the picture; may be None where the format is relative.
        width: number of columns of the picture; may be None where the format is relative.
        bounding_box_format: string, one of the formats of `convert_format`.

    Returns:
        Dict with "boxes" and "labels".

    Raises:
        ValueError: for an unknown format, something else than such a dict, or no sizes.

    Example:
        >>> import kerasish as keras
        >>> boxes = {"boxes": keras.ops.array([[-10, 5, 20, 30], [60, 0, 70, 9]]), "labels": keras.ops.array([4, 2])}
        >>> clipped = keras.utils.bounding_boxes.clip_to_image_size(boxes, height=20, width=50)
        >>> clipped["boxes"].tolist(), clipped["labels"].tolist()
        ([[0, 5, 20, 20], [50, 0, 50, 9]], [4, -1])
    """
    kind = checked_format(bounding_box_format)
    if not isinstance(bounding_boxes, dict) or not {"boxes", "labels"} <= set(bounding_boxes):
        raise ValueError(f"`bounding_boxes` must be a dict with 'boxes' and 'labels', got {type(bounding_boxes)}.")
    if kind.startswith("rel_"):
        height = width = 1
    if height is None or width is None:
        raise ValueError(f"`height` and `width` are needed for boxes of the format {kind!r}.")
    corners = kind.removeprefix("rel_")
    boxes = convert_format(ops.convert_to_tensor(bounding_boxes["boxes"]), corners, "xyxy", dtype=None)
    left, top, right, bottom = ops.split(boxes, 4, axis=-1)
    left, right = (_between(x, width) for x in (left, right))
    top, bottom = (_between(y, height) for y in (top, bottom))
    labels = ops.convert_to_tensor(bounding_boxes["labels"])
    gone = ops.squeeze(ops.less_equal((right - left) * (bottom - top), 0), -1)
    return {
        **bounding_boxes,
        "boxes": convert_format(ops.concatenate([left, top, right, bottom], -1), "xyxy", corners, dtype=None),
        "labels": ops.where(gone, ops.cast(-1, labels.dtype), labels),
    }


def _between(x, size):
    return ops.minimum(ops.maximum(x, ops.cast(0, x.dtype)), ops.cast(size, x.dtype))


def _moved(boxes, kind, change):
    """Boxes whose corners [left, top, right, bottom] a function changes."""
    kind = checked_format(kind)
    if kind.startswith("rel_"):
        raise ValueError(
            f"`bounding_box_format` must count in points here, got {kind!r}: convert the boxes with `convert_format` "
            "first."
        )
    boxes = convert_format(ops.convert_to_tensor(boxes), kind, "xyxy", dtype=None)
    moved = ops.concatenate(change(*ops.split(boxes, 4, axis=-1)), axis=-1)
    return convert_format(moved, "xyxy", kind, dtype=None)


def crop(
    boxes: TensorLike,
    top: Number,
    left: Number,
    height: Number,
    width: Number,
    bounding_box_format: str = "xyxy",
) -> AnyTensor:
    """Boxes as they lie in a part of their picture, without what is outside of it.

    Args:
        boxes: tensor (..., 4).
        top: first row of the part.
        left: first column of the part.
        height: number of rows of the part.
        width: number of columns of the part.
        bounding_box_format: string, one of the formats of `convert_format` that count in points.

    Returns:
        Tensor of the shape of `boxes`.

    Raises:
        ValueError: for an unknown or a relative format.

    Example:
        >>> import kerasish as keras
        >>> keras.utils.bounding_boxes.crop(keras.ops.array([[10, 20, 50, 60]]), 10, 20, 40, 30).tolist()
        [[0, 10, 30, 40]]
    """

    def change(x, y, right, bottom):
        shift, down = (ops.cast(start, x.dtype) for start in (left, top))
        return (
            _between(x - shift, width), _between(y - down, height),
            _between(right - shift, width), _between(bottom - down, height),
        )  # fmt: skip

    return _moved(boxes, bounding_box_format, change)


def pad(
    boxes: TensorLike,
    top: Number,
    left: Number,
    height: Number = None,
    width: Number = None,
    bounding_box_format: str = "xyxy",
) -> AnyTensor:
    """Boxes as they lie in their picture after rows and columns were added before it.

    Args:
        boxes: tensor (..., 4).
        top: number of rows added above.
        left: number of columns added to the left.
        height: accepted for likeness with `crop`; boxes don't depend on what is added below.
        width: accepted for likeness with `crop`.
        bounding_box_format: string, one of the formats of `convert_format` that count in points.

    Returns:
        Tensor of the shape of `boxes`.

    Raises:
        ValueError: for an unknown or a relative format.

    Example:
        >>> import kerasish as keras
        >>> keras.utils.bounding_boxes.pad(keras.ops.array([[10, 20, 50, 60]]), top=1, left=2).tolist()
        [[12, 21, 52, 61]]
    """

    def change(x, y, right, bottom):
        shift, down = (ops.cast(start, x.dtype) for start in (left, top))
        return x + shift, y + down, right + shift, bottom + down

    return _moved(boxes, bounding_box_format, change)


def affine_transform(
    boxes: TensorLike,
    angle: TensorLike,
    translate_x: TensorLike,
    translate_y: TensorLike,
    scale: TensorLike,
    shear_x: TensorLike,
    shear_y: TensorLike,
    height: Number,
    width: Number,
    center_x: TensorLike | None = None,
    center_y: TensorLike | None = None,
    bounding_box_format: str = "xyxy",
) -> AnyTensor:
    """The boxes around what boxes become when their pictures are turned, moved, scaled and sheared.

    Args:
        boxes: tensor (batch, N, 4), or (N, 4) for one picture.
        angle: number, or one a picture: degrees, counter-clockwise.
        translate_x: number, or one a picture: how far to the right, in parts of the width.
        translate_y: number, or one a picture: how far down, in parts of the height.
        scale: number, or one a picture: the factor.
        shear_x: number, or one a picture: degrees.
        shear_y: number, or one a picture: degrees.
        height: number of rows of the pictures.
        width: number of columns of the pictures.
        center_x: number, or one a picture: what stays in place, in parts of the width; None for the middle.
        center_y: number, or one a picture: what stays in place, in parts of the height; None for the middle.
        bounding_box_format: string, one of the formats of `convert_format` that count in points.

    Returns:
        Tensor of the shape of `boxes`.

    Raises:
        ValueError: for an unknown or a relative format.

    Example:
        >>> import kerasish as keras
        >>> turned = keras.utils.bounding_boxes.affine_transform(
        ...     keras.ops.array([[0.0, 0.0, 2.0, 4.0]]), 90.0, 0.0, 0.0, 1.0, 0.0, 0.0, height=11, width=11)
        >>> turned.round().tolist()
        [[0.0, 8.0, 4.0, 10.0]]
    """
    boxes = ops.convert_to_tensor(boxes)
    dtype = boxes.dtype if "float" in str(boxes.dtype) else "float32"
    boxes = ops.cast(boxes, dtype)
    rank = len(boxes.shape)

    def each(x):
        x = ops.cast(x, dtype)
        if not x.shape:
            return x
        return ops.reshape(x, (-1, *[1] * (rank - 1)) if rank > 2 else ())

    angle, shear_x, shear_y = (each(x) * (math.pi / 180.0) for x in (angle, shear_x, shear_y))
    scale, translate_x, translate_y = (each(x) for x in (scale, translate_x, translate_y))
    right, down = (ops.cast(size - 1, dtype) for size in (width, height))
    x0 = each(0.5 if center_x is None else center_x) * right
    y0 = each(0.5 if center_y is None else center_y) * down
    cos, sin, slope_x, slope_y = ops.cos(angle), ops.sin(angle), ops.tan(shear_x), ops.tan(shear_y)

    def point(x, y):
        x, y = x - x0, y - y0
        x, y = x + translate_x * right, y + translate_y * down
        turned_x, turned_y = x * cos + y * sin, y * cos - x * sin
        # Keras shears along x by what is sheared along y already, its first term with the other sign
        to_x, to_y = slope_y * cos - sin, cos + slope_y * sin
        return (
            x0 + scale * (turned_x + slope_x * (y * to_y - x * to_x)),
            y0 + scale * (turned_y + slope_y * turned_x),
        )

    return _moved(boxes, bounding_box_format, around(point))


def around(point: Any) -> Any:
    """The function of the corners of boxes that gives the boxes around them when each point is moved by `point`."""

    def change(left, top, right, bottom):
        xs, ys = zip(*(point(x, y) for x in (left, right) for y in (top, bottom)))
        return _least(xs), _least(ys), _most(xs), _most(ys)

    return change


def _least(values):
    a, b, c, d = values
    return ops.minimum(ops.minimum(a, b), ops.minimum(c, d))


def _most(values):
    a, b, c, d = values
    return ops.maximum(ops.maximum(a, b), ops.maximum(c, d))
