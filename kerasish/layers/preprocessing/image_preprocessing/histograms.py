"""How often values occur in the channels of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import ops
from kerasish.typing import AnyTensor


def counts_of(rows: AnyTensor, bins: int) -> AnyTensor:
    """How often each number from 0 to bins - 1 is in each row: (rows, bins), float32, of int32 (rows, points)."""
    count, points = rows.shape
    apart = rows + bins * ops.expand_dims(ops.arange(count, dtype="int32"), 1)
    ones = ops.ones((count * points,), "float32")
    return ops.reshape(ops.segment_sum(ones, ops.reshape(apart, (-1,)), num_segments=count * bins), (count, bins))


def counted(at: AnyTensor, bins: int, axes: Sequence[int]) -> AnyTensor:
    """Counts (batch, channels, bins), float32, of bin numbers in a batch of pictures.

    Args:
        at: int32 (batch, height, width, channels) or with the channels first, from 0 to bins - 1.
        bins: int.
        axes: (height, width, channels), counted from the end.
    """
    batch, channels, height, width = (values := by_channel(at, axes)).shape
    counts = counts_of(ops.reshape(values, (batch * channels, height * width)), bins)
    return ops.reshape(counts, (batch, channels, bins))


def looked_up(table: AnyTensor, at: AnyTensor, axes: Sequence[int]) -> AnyTensor:
    """What a table (1, channels, bins) says of bin numbers, a batch of pictures."""
    values = by_channel(at, axes)
    first = ops.reshape(ops.arange(table.shape[1], dtype="int32") * table.shape[2], (1, -1, 1, 1))
    return back(ops.take(ops.reshape(table, (-1,)), values + first), axes)


def of_channels(x: AnyTensor, axes: Sequence[int]) -> AnyTensor:
    """(batch, channels) so that it broadcasts with a batch of pictures."""
    return back(ops.expand_dims(ops.expand_dims(x, -1), -1), axes)


def by_channel(images: AnyTensor, axes: Sequence[int]) -> Any:
    """A batch of pictures with the channels first."""
    return images if axes[2] == -3 else ops.transpose(images, (0, 3, 1, 2))


def back(images: AnyTensor, axes: Sequence[int]) -> AnyTensor:
    """A batch of pictures, whose channels are first, as `axes` say."""
    return images if axes[2] == -3 else ops.transpose(images, (0, 2, 3, 1))
