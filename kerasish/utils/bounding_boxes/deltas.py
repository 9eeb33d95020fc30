"""Boxes as distances from anchors, which detectors learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import ops
from kerasish.typing import AnyTensor, TensorLike
from kerasish.utils.bounding_boxes.formats import convert_format

_ENCODINGS = ("center_xywh", "center_yxhw")


def encode_box_to_deltas(
    anchors: TensorLike,
    boxes: TensorLike,
    anchor_format: str,
    box_format: str,
    encoding_format: str = "center_yxhw",
    variance: Sequence[float] | None = None,
    image_shape: Sequence[int] | None = None,
) -> AnyTensor:
    """How boxes differ from their anchors: the distance of the middles in sizes of the anchor, the logarithm of sizes.

    Args:
        anchors: tensor (N, 4).
        boxes: tensor (N, 4) or (batch, N, 4).
        anchor_format: string, one of the formats of `convert_format`.
        box_format: string, one of the formats of `convert_format`.
        encoding_format: "center_yxhw" or "center_xywh", the order of the four distances.
        variance: 4 numbers by which the distances are divided; None for 1.
        image_shape: (height, width, ...) of the pictures; needed where a format is relative.

    Returns:
        Tensor of the shape of `boxes`.

    Raises:
        ValueError: for an unknown format, another encoding, or a `variance` that is not 4 numbers.

    Example:
        >>> import kerasish as keras
        >>> anchor, box = keras.ops.array([[0.0, 0.0, 10.0, 10.0]]), keras.ops.array([[1.0, 2.0, 11.0, 12.0]])
        >>> (1000 * keras.utils.bounding_boxes.encode_box_to_deltas(anchor, box, "xyxy", "xyxy")).round().tolist()
        [[200.0, 100.0, 0.0, 0.0]]
    """
    _checked(encoding_format, "encoding_format")
    height, width = _sizes(image_shape)
    anchors = convert_format(anchors, anchor_format, encoding_format, height, width)
    boxes = convert_format(boxes, box_format, encoding_format, height, width)
    size = ops.maximum(anchors[..., 2:], _TINY)
    deltas = ops.concatenate(
        [(boxes[..., :2] - anchors[..., :2]) / size, ops.log(ops.maximum(boxes[..., 2:], _TINY) / size)], axis=-1
    )
    return deltas if variance is None else deltas / _four(variance, deltas.dtype)


def decode_deltas_to_boxes(
    anchors: Any,
    boxes_delta: Any,
    anchor_format: str,
    box_format: str,
    encoded_format: str = "center_yxhw",
    variance: Sequence[float] | None = None,
    image_shape: Sequence[int] | None = None,
) -> Any:
    """The boxes of which `encode_box_to_deltas` gave the distances from anchors.

    Args:
        anchors: tensor (N, 4), or a dict of them.
        boxes_delta: tensor (N, 4) or (batch, N, 4), or a dict of them with the keys of `anchors`.
        anchor_format: string, one of the formats of `convert_format`.
        box_format: string, one of the formats of `convert_format`, of what comes out.
        encoded_format: "center_yxhw" or "center_xywh", the order of the four distances.
        variance: 4 numbers by which the distances are multiplied; None for 1.
        image_shape: (height, width, ...) of the pictures; needed where a format is relative.

    Returns:
        Tensor of the shape of `boxes_delta`, or a dict of them.

    Raises:
        ValueError: for an unknown format, another encoding, or a `variance` that is not 4 numbers.

    Example:
        >>> import kerasish as keras
        >>> anchor, deltas = keras.ops.array([[0.0, 0.0, 10.0, 10.0]]), keras.ops.array([[0.2, 0.1, 0.0, 0.0]])
        >>> keras.utils.bounding_boxes.decode_deltas_to_boxes(anchor, deltas, "xyxy", "xyxy").tolist()
        [[1.0, 2.0, 11.0, 12.0]]
    """
    _checked(encoded_format, "encoded_format")
    if isinstance(anchors, dict):
        return {
            key: decode_deltas_to_boxes(
                anchors[key], deltas, anchor_format, box_format, encoded_format, variance, image_shape
            )
            for key, deltas in boxes_delta.items()
        }
    height, width = _sizes(image_shape)
    anchors = convert_format(anchors, anchor_format, encoded_format, height, width)
    deltas = ops.cast(boxes_delta, anchors.dtype)
    if variance is not None:
        deltas = deltas * _four(variance, deltas.dtype)
    size = anchors[..., 2:]
    boxes = ops.concatenate([deltas[..., :2] * size + anchors[..., :2], ops.exp(deltas[..., 2:]) * size], axis=-1)
    return convert_format(boxes, encoded_format, box_format, height, width)


_TINY = 1e-8  # a box without extent has a logarithm too


def _checked(name, argument):
    if name not in _ENCODINGS:
        raise ValueError(f"`{argument}` must be 'center_xywh' or 'center_yxhw', got {name!r}.")


def _four(variance, dtype):
    numbers = ops.cast(ops.convert_to_tensor(variance), dtype)
    if tuple(numbers.shape) != (4,):
        raise ValueError(f"`variance` must be 4 numbers, got {variance!r}.")
    return numbers


def _sizes(image_shape):
    """(height, width), or two times None."""
    return (None, None) if image_shape is None else tuple(image_shape[:2])
