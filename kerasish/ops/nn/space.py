"""Axes of space: what convolutions, pools and patches share."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish.backend.primitives.windows import span
from kerasish.backend.settings import standardize_data_format
from kerasish.backend.sizes import exceeds, largest
from kerasish.ops.convert import is_number
from kerasish.ops.numpy.helpers import known_int, transpose_to
from kerasish.typing import AnyTensor, IntOrInts, Shape, TensorLike


def sizes(value: IntOrInts, rank: int, name: str, least: int = 1) -> tuple[int, ...]:
    """An int, or one int for each of `rank` axes, as a tuple. Raises ValueError naming the argument."""
    values = (value,) * rank if is_number(value) or hasattr(value, "__index__") else tuple(value)
    if len(values) == 1 < rank:
        values *= rank
    if len(values) != rank or any(
        not hasattr(v, "__index__") or isinstance(v, bool) or exceeds(least, v) for v in values
    ):
        raise ValueError(
            f"`{name}` must be an int of at least {least}, or {rank} of them (one an axis of space), got {value!r}."
        )
    return tuple(known_int(v, name) for v in values)


def rank_of(x: TensorLike, name: str = "inputs") -> int:
    """The number of axes of space. Raises ValueError unless 1, 2 or 3."""
    rank = len(x.shape) - 2
    if rank not in (1, 2, 3):
        raise ValueError(
            f"`{name}` must have a batch axis, 1 to 3 axes of space and channels, got shape {tuple(x.shape)}."
        )
    return rank


class AxisOrder:
    """Where the channels are; `last(x)` and `back(x)` move them to the end and back again."""

    def __init__(self, data_format: str | None) -> None:
        self.first = standardize_data_format(data_format) == "channels_first"

    def last(self, x: TensorLike) -> AnyTensor:
        """`x` with its channels last."""
        rank = len(x.shape)
        return transpose_to(x, (0, *range(2, rank), 1)) if self.first else x

    def back(self, x: TensorLike) -> AnyTensor:
        """`x`, whose channels are last, with its channels where they were."""
        rank = len(x.shape)
        return transpose_to(x, (0, rank - 1, *range(1, rank - 1))) if self.first else x


def padding_for(
    padding: str, space: Shape, window: Sequence[int], strides: Sequence[int], dilation: Sequence[int]
) -> tuple[tuple[int, int], ...]:
    """Pairs of points added before and after each axis.

    "valid": none; "same": so many that there is a window for every stride-th point.
    """
    kind = padding.lower() if isinstance(padding, str) else padding
    if kind == "valid":
        return ((0, 0),) * len(window)
    if kind != "same":
        raise ValueError(f"`padding` must be 'valid' or 'same', got {padding!r}.")
    return tuple(_same(*axis) for axis in zip(space, window, strides, dilation))


def _same(size, window, stride, dilation):
    total = span(window, dilation) - 1
    if stride > 1:
        total = largest(0, (-(-size // stride) - 1) * stride + total + 1 - size)
    return (total // 2, total - total // 2)


def check_windows(x: TensorLike, counts: Sequence[int | None], what: str) -> None:
    """Raise ValueError when no window fits into `x` (channels last)."""
    for _, number in zip(x.shape[1:-1], counts):
        if exceeds(1, number):
            raise ValueError(
                f"{what} is larger than the inputs, whose axes of space are {tuple(x.shape[1:-1])}: there would be no "
                "output."
            )
