"""Elements added around a value."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish.backend.primitives import p
from kerasish.backend.sizes import exceeds, is_open
from kerasish.ops.convert import as_dtype, dtype_of, is_number, value_of
from kerasish.ops.numpy import averages, reduction
from kerasish.ops.numpy.helpers import broadcast_shape, known_int
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, IntOrInts, TensorLike


def _pairs(pad_width, rank):
    """`pad_width` (int, pair, or one pair an axis) as one pair of ints an axis."""
    if is_number(pad_width):
        return ((known_int(pad_width, "pad_width"),) * 2,) * rank
    if hasattr(pad_width, "tolist"):
        return _pairs(pad_width.tolist(), rank)
    if all(is_number(n) for n in pad_width):
        pair = tuple(pad_width) * (2 if len(pad_width) == 1 else 1)
        pairs = (pair,) * rank
    else:
        pairs = tuple(tuple(pair) * (2 if len(pair) == 1 else 1) for pair in pad_width)
        pairs = pairs * rank if len(pairs) == 1 else pairs
    if len(pairs) != rank or any(len(pair) != 2 or any(exceeds(0, n) for n in pair) for pair in pairs):
        raise ValueError(
            f"`pad_width` must be an int, a pair, or one pair of ints of 0 or more for each of {rank} axes; got "
            f"{pad_width}."
        )
    return pairs


@operation
def pad(
    x: TensorLike,
    pad_width: IntOrInts | Sequence[Sequence[int]],
    mode: str = "constant",
    constant_values: float | None = None,
) -> AnyTensor:
    """`x` with elements added before and after, along each axis.

    Args:
        x: tensor.
        pad_width: int, (before, after), or one such pair an axis.
        mode: "constant", "edge" (the outermost element), "reflect" (mirrored without the edge), "symmetric" (mirrored
            with it), "wrap" (from the other end), "empty", or the "maximum", "minimum" or "mean" of the axis.
        constant_values: number that mode "constant" adds, by default 0.

    Returns:
        Tensor of the dtype of `x`.

    Raises:
        ValueError: for an unknown `mode`, or `constant_values` with another one than "constant".

    Example:
        >>> import kerasish as keras
        >>> keras.ops.pad([1, 2, 3], (2, 1), mode="reflect").tolist()
        [3, 2, 1, 2, 3, 2]
    """
    x = value_of(x)
    pairs = _pairs(pad_width, len(x.shape))
    if constant_values is not None and mode != "constant":
        raise ValueError(f"`constant_values` is only for mode='constant', got mode={mode!r}.")
    if mode in ("constant", "empty"):
        return _padded_with(x, pairs, 0 if constant_values is None else constant_values)
    if mode not in _SOURCES and mode not in _STATISTICS:
        known = ["constant", "empty", *_SOURCES, *_STATISTICS]
        raise ValueError(f"`mode` must be one of {known}, got {mode!r}.")
    for axis, (before, after) in enumerate(pairs):
        if before or after:
            x = _pad_axis(x, axis, before, after, mode)
    return x


def _padded_with(x, pairs, value):
    if not any(a or b for a, b in pairs):
        return x
    if is_number(value):
        return p.pad(x, widths=pairs, value=value)
    inner = p.pad(p.full(shape=tuple(x.shape), value=True, dtype="bool"), widths=pairs, value=False)
    return p.where(inner, p.pad(x, widths=pairs, value=0), value_of(value, dtype_of(x)))


# which element of an axis of size n stands at place i (i < 0 or i >= n); the first argument is i
_SOURCES = {
    "edge": lambda i, n: min(max(i, 0), n - 1),
    "wrap": lambda i, n: i % n,
    "symmetric": lambda i, n: min(i % (2 * n), 2 * n - 1 - i % (2 * n)),
    "reflect": lambda i, n: (n - 1) - abs(i % (2 * n - 2) - (n - 1)) if n > 1 else 0,
}


_STATISTICS = ("maximum", "minimum", "mean")


def _pad_axis(x, axis, before, after, mode):
    if mode in _STATISTICS:
        statistic = {"maximum": reduction.max, "minimum": reduction.min, "mean": averages.mean}[mode](
            x, axis=axis, keepdims=True
        )
        statistic = as_dtype(statistic, dtype_of(x))
        parts = [_stretched(statistic, axis, before), x, _stretched(statistic, axis, after)]
        return p.concatenate(*[part for part in parts if part.shape[axis] != 0], axis=axis)
    size = x.shape[axis]
    if is_open(size) or is_open((before, after)):
        widths = tuple((before, after) if i == axis else (0, 0) for i in range(len(x.shape)))
        return p.pad(x, widths=widths, value=0)
    if size == 0:
        raise ValueError(f"Can't pad axis {axis} of {tuple(x.shape)} with mode={mode!r}: it has no elements.")
    source = _SOURCES[mode]
    indices = [source(i, size) for i in range(-before, size + after)]
    return p.take(x, value_of(indices, "int32"), axis=axis)


def _stretched(x, axis, size):
    return broadcast_shape(x, [size if i == axis else d for i, d in enumerate(x.shape)])
