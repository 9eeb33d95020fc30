"""Rectangles of pictures, as masks over their points."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.typing import AnyTensor


def rectangles(
    start_y: AnyTensor, start_x: AnyTensor, rows: AnyTensor, columns: AnyTensor, height: Any, width: Any
) -> AnyTensor:
    """Which points (batch, height, width) are within a rectangle a picture; starts and sizes are floats (batch,)."""

    def between(start, size, count):
        at = ops.expand_dims(ops.arange(count, dtype=start.dtype), 0)
        start, size = ops.expand_dims(start, 1), ops.expand_dims(size, 1)
        return ops.logical_and(ops.greater(at, start), ops.less(at, start + size))

    down, across = between(start_y, rows, height), between(start_x, columns, width)
    return ops.logical_and(ops.expand_dims(down, 2), ops.expand_dims(across, 1))


def over_batch(mask: AnyTensor, data_format: str) -> AnyTensor:
    """(height, width) or (batch, height, width) with an axis of channels."""
    mask = ops.expand_dims(mask, -3 if data_format == "channels_first" else -1)
    return ops.expand_dims(mask, 0) if len(mask.shape) == 3 else mask
