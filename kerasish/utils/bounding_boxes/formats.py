"""The formats of bounding boxes, and the way from one to another."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.suggestions import did_you_mean
from kerasish.typing import AnyTensor, DTypeLike

FORMATS = (
    "xyxy", "yxyx", "xywh", "center_xywh", "center_yxhw",
    "rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh",
)  # fmt: skip


def convert_format(
    boxes: Any,
    source: str,
    target: str,
    height: int | None = None,
    width: int | None = None,
    dtype: DTypeLike | None = "float32",
) -> Any:
    """Boxes in another format.

    The formats are "xyxy" (left, top, right, bottom), "yxyx" (top, left, bottom, right), "xywh" (left, top, width,
    height), "center_xywh" and "center_yxhw" (the middle, then the sizes), and "rel_xyxy", "rel_yxyx", "rel_xywh" and
    "rel_center_xywh", which count in parts of the picture's width and height instead of points.

    Args:
        boxes: tensor (..., 4), or a dict with such "boxes" and perhaps "labels", which stay.
        source: string, the format that the boxes have; upper case counts as lower case.
        target: string, the format that is wanted.
        height: number of rows of the pictures; needed where one of the formats is relative.
        width: number of columns of the pictures; needed where one of the formats is relative.
        dtype: dtype of what comes out; None keeps that of the boxes.

    Returns:
        Tensor of the shape of `boxes`, or a dict like that which was given.

    Raises:
        ValueError: for an unknown format, boxes whose last axis is not 4, or a relative format without the sizes.

    Example:
        >>> import kerasish as keras
        >>> boxes = keras.ops.array([[10.0, 20.0, 30.0, 60.0]])
        >>> keras.utils.bounding_boxes.convert_format(boxes, "xyxy", "xywh").tolist()
        [[10.0, 20.0, 20.0, 40.0]]
    """
    if isinstance(boxes, dict):
        return {**boxes, "boxes": convert_format(boxes["boxes"], source, target, height, width, dtype)}
    source, target = checked_format(source, "source"), checked_format(target, "target")
    if ("rel" in source or "rel" in target) and (height is None or width is None):
        raise ValueError(
            "`height` and `width` of the pictures are needed where a format is relative: got "
            f"source={source!r}, target={target!r}, height={height!r}, width={width!r}."
        )
    boxes = ops.convert_to_tensor(boxes)
    if not boxes.shape or boxes.shape[-1] != 4:
        raise ValueError(f"`boxes` must have 4 numbers on its last axis, got shape {tuple(boxes.shape)}.")
    if dtype is not None:
        boxes = ops.cast(boxes, dtype)
    if source == target:
        return boxes
    corners = _corners(_columns(boxes), source.removeprefix("rel_"))
    if source.startswith("rel_") and not target.startswith("rel_"):
        corners = [c * ops.cast(size, boxes.dtype) for c, size in zip(corners, (width, height) * 2)]
    elif target.startswith("rel_") and not source.startswith("rel_"):
        corners = [c / ops.cast(size, boxes.dtype) for c, size in zip(corners, (width, height) * 2)]
    return ops.concatenate(_written(corners, target.removeprefix("rel_")), axis=-1)


def checked_format(name: str, argument: str = "bounding_box_format") -> str:
    """The name of a format in lower case. Raises ValueError naming the argument."""
    if isinstance(name, str) and name.lower() in FORMATS:
        return name.lower()
    raise ValueError(
        f"`{argument}` must be one of the supported formats {', '.join(map(repr, FORMATS))}, got {name!r}."
        f"{did_you_mean(name, FORMATS)}"
    )


def _columns(boxes) -> list[AnyTensor]:
    return ops.split(boxes, 4, axis=-1)


def _corners(columns, kind):
    """[left, top, right, bottom]."""
    a, b, c, d = columns
    if kind == "xyxy":
        return [a, b, c, d]
    if kind == "yxyx":
        return [b, a, d, c]
    if kind == "xywh":
        return [a, b, a + c, b + d]
    if kind == "center_yxhw":
        a, b, c, d = b, a, d, c
    return [a - c / 2, b - d / 2, a + c / 2, b + d / 2]


def _written(corners, kind):
    """The columns of a format, from [left, top, right, bottom]."""
    left, top, right, bottom = corners
    if kind == "xyxy":
        return corners
    if kind == "yxyx":
        return [top, left, bottom, right]
    width, height = right - left, bottom - top
    if kind == "xywh":
        return [left, top, width, height]
    middle = (left + right) / 2, (top + bottom) / 2
    return [*middle, width, height] if kind == "center_xywh" else [*middle[::-1], height, width]
