"""Boxes drawn on pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasish import ops
from kerasish.optional import needed
from kerasish.suggestions import install, suggesting
from kerasish.typing import TensorLike
from kerasish.utils.bounding_boxes import convert_format
from kerasish.visualization.pictures import as_bytes, batch_of_pictures, like

_NONE = -1  # the label of what is no box
_TEXT_HEIGHT = 24  # pixels of a line of text at `font_scale=1`
_MARGIN = 3


@suggesting
def draw_bounding_boxes(
    images: TensorLike,
    bounding_boxes: Mapping[str, Any],
    bounding_box_format: str,
    class_mapping: Mapping[int, str] | None = None,
    color: Sequence[int] = (128, 128, 128),
    line_thickness: int = 2,
    text_thickness: int = 1,
    font_scale: float = 1.0,
    data_format: str | None = None,
) -> np.ndarray:
    """Draw boxes on a batch of pictures.

    The lines are those of OpenCV, which is not needed; text is written by pillow.

    Args:
        images: shape (batch, height, width, channels), values 0 to 255, or floats from 0 to 1.
        bounding_boxes: dict with "boxes", shape (batch, boxes, 4), and "labels", shape (batch, boxes), where -1 stands
            for no box; and with "confidences", shape (batch, boxes), or without.
        bounding_box_format: of the boxes, such as "xyxy"; see `keras.utils.bounding_boxes.convert_format`.
        class_mapping: dict from label to the text above its boxes. None writes nothing.
        color: red, green and blue, 0 to 255.
        line_thickness: pixels; a negative number fills the boxes.
        text_thickness: pixels of the strokes of the text.
        font_scale: size of the text; 1 is about 24 pixels high.
        data_format: "channels_last" or "channels_first"; None: the global setting.

    Returns:
        uint8 array of the shape of `images`.

    Raises:
        TypeError: where `bounding_boxes` is no dict.
        ValueError: where it lacks "boxes" or "labels", and for `images` with other than 4 axes.
        ImportError: where text is to be written and pillow is not installed.

    Example:
        >>> import kerasish as keras, numpy as np
        >>> boxes = {"boxes": np.array([[[1, 1, 4, 3]]]), "labels": np.array([[0]])}
        >>> drawn = keras.visualization.draw_bounding_boxes(np.zeros((1, 5, 6, 3)), boxes, "xyxy", line_thickness=1)
        >>> for row in drawn[0, :, :, 0]: print("".join("-#"[value // 128] for value in row))
        ------
        -####-
        -#--#-
        -####-
        ------
    """
    _check_boxes(bounding_boxes)
    pictures = batch_of_pictures(images, data_format)
    is_share = pictures.dtype.kind == "f" and pictures.max(initial=0) <= 1
    pictures = np.ascontiguousarray(as_bytes(pictures, (0, 1) if is_share else (0, 255)))
    height, width = pictures.shape[1:3]
    boxes = ops.cast(bounding_boxes["boxes"], "float32")
    boxes = convert_format(boxes, bounding_box_format, "xyxy", height=height, width=width)
    boxes = ops.convert_to_numpy(boxes).astype("int32")
    labels = ops.convert_to_numpy(bounding_boxes["labels"]).astype("int64")
    confidences = bounding_boxes.get("confidences")
    confidences = None if confidences is None else ops.convert_to_numpy(confidences)
    for index, picture in enumerate(pictures):
        for number, (box, label) in enumerate(zip(boxes[index], labels[index])):
            if label == _NONE:
                continue
            draw_box(picture, box.tolist(), color, line_thickness)
            if class_mapping is not None and int(label) in class_mapping:
                text = str(class_mapping[int(label)])
                if confidences is not None:
                    text += f" | {confidences[index, number]:.2f}"
                _write(picture, text, box.tolist()[:2], color, font_scale, text_thickness)
    return like(pictures, data_format)


def _check_boxes(bounding_boxes):
    if not isinstance(bounding_boxes, Mapping):
        raise TypeError(
            f"`bounding_boxes` must be a dict with 'boxes' and 'labels', got {type(bounding_boxes).__name__}."
        )
    if "boxes" not in bounding_boxes or "labels" not in bounding_boxes:
        raise ValueError(f"`bounding_boxes` must have 'boxes' and 'labels', got {sorted(bounding_boxes)}.")


def draw_box(picture: np.ndarray, box: Sequence[int], color: Sequence[int], thickness: int) -> None:
    """Draw a box into a picture, as OpenCV does: with lines whose ends are round.

    Args:
        picture: uint8 array (height, width, channels), written over.
        box: (left, top, right, bottom), all part of the box.
        color: a number a channel.
        thickness: of the lines in pixels; negative fills.
    """
    left, right = sorted((box[0], box[2]))
    top, bottom = sorted((box[1], box[3]))
    if thickness < 0:
        _fill(picture, left, top, right, bottom, color)
        return
    reach = _half_widths(thickness)
    for row in (top, bottom):
        for away, half in enumerate(reach):
            for y in {row - away, row + away}:
                _fill(picture, left - half, y, right + half, y, color)
    for column in (left, right):
        _fill(picture, column - reach[0], top, column + reach[0], bottom, color)


def _fill(picture, left, top, right, bottom, color):
    picture[max(0, top) : max(0, bottom + 1), max(0, left) : max(0, right + 1)] = np.resize(color, picture.shape[-1])


def _half_widths(thickness):
    """Half the width of a filled circle, in its middle row, the next, ...: by Bresenham's way of drawing it."""
    if thickness < 2:
        return [0]
    x, y, error, plus, minus = (thickness + 1) // 2, 0, 0, 1, (thickness + 1) // 2 * 2 - 1
    found = [0] * (x + 1)
    while x >= y:
        found[y], found[x] = max(found[y], x), max(found[x], y)
        y, error, plus = y + 1, error + plus, plus + 2
        if error > 0:
            error, x, minus = error - minus, x - 1, minus - 2
    return found


def _write(picture, text, corner, color, font_scale, thickness):
    otherwise = f"Text is written by pillow, which is not installed: {install('applications')}"
    Image, ImageDraw, ImageFont = (needed(f"PIL.{part}", otherwise) for part in ("Image", "ImageDraw", "ImageFont"))
    line = 2 * int(font_scale * _TEXT_HEIGHT / 2)
    x, y = corner
    if y - 8 - line > 0:
        place = (x, y - 8)  # above the box
    else:
        place = (x + _MARGIN, y + line + (thickness or 1) + _MARGIN)
    mask = Image.new("L", (picture.shape[1], picture.shape[0]))
    font = ImageFont.load_default(max(1.0, font_scale * _TEXT_HEIGHT * 1.2))
    ImageDraw.Draw(mask).text(place, text, 255, font, "ls", stroke_width=max(0, (thickness or 1) - 1) / 2)
    picture[np.asarray(mask) > 127] = np.resize(color, picture.shape[-1])
