"""Histograms, counts, correlation."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish.backend.dtypes import is_float_dtype, result_type
from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import product
from kerasish.backend.settings import floatx
from kerasish.backend.sizes import unlike_shapes
from kerasish.ops.convert import as_dtype, as_float, dtype_of, is_traced, value_of
from kerasish.ops.numpy.averages import averaged
from kerasish.ops.numpy.complex_numbers import by_parts, conjugated, is_complex, size_of
from kerasish.ops.numpy.helpers import (
    at_once,
    flattened,
    iota,
    known_int,
    reshape_to,
    window,
)
from kerasish.ops.numpy.indexing import as_index
from kerasish.ops.numpy.products import values
from kerasish.ops.numpy.ranges import linspace
from kerasish.ops.numpy.sorting import sorted_along
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


@operation
def histogram(x: TensorLike, bins: int = 10, range: Sequence[float] | None = None) -> tuple[AnyTensor, AnyTensor]:
    """How many elements fall into each of `bins` equal intervals.

    Args:
        x: tensor of numbers, read as one vector.
        bins: int, the number of intervals.
        range: pair (lowest, highest); elements outside are not counted. By default the extremes of `x`.

    Returns:
        (counts, edges): float vectors with `bins` and `bins` + 1 elements.

    Raises:
        ValueError: when `bins` is no positive int, or `range` no rising pair.

    Example:
        >>> import kerasish as keras
        >>> [v.tolist() for v in keras.ops.histogram([0.0, 1.0, 1.5, 2.0], bins=2)]
        [[1.0, 3.0], [0.0, 1.0, 2.0]]
    """
    if not isinstance(bins, int) or bins <= 0:
        raise ValueError(f"`bins` must be a positive int, got {bins!r}.")
    if range is not None and (len(range) != 2 or range[0] > range[1]):
        raise ValueError(f"`range` must be a pair (lowest, highest), got {range!r}.")
    x = flattened(as_float(x))
    dtype = dtype_of(x)
    if range is not None:
        low, high = (value_of(float(v), dtype) for v in range)
    elif x.shape[0] == 0:
        low, high = value_of(0.0, dtype), value_of(1.0, dtype)
    else:
        low, high = p.min(x, axis=(0,), keepdims=False), p.max(x, axis=(0,), keepdims=False)
    flat = p.equal(low, high)
    low, high = p.where(flat, p.subtract(low, 0.5), low), p.where(flat, p.add(high, 0.5), high)
    edges = linspace(low, high, bins + 1)
    ordered = sorted_along(x, 0)
    # the last interval holds its upper edge too
    before = p.searchsorted(ordered, window(edges, 0, 0, bins), side="left")
    until = p.searchsorted(ordered, window(edges, 0, bins, bins + 1), side="right")
    bounds = p.concatenate(before, until, axis=0)
    return as_dtype(p.subtract(window(bounds, 0, 1, None), window(bounds, 0, 0, bins)), dtype), edges


@operation
def bincount(x: TensorLike, weights: TensorLike | None = None, minlength: int = 0, sparse: bool = False) -> AnyTensor:
    """How often each of 0, 1, 2, ... occurs in the non-negative integers `x`, or the sum of `weights` there.

    Args:
        x: tensor of ints, (n,) or (batch, n), counted a row each.
        weights: tensor of the shape of `x`, or None to count.
        minlength: int, the least length of the result; inside a compiled function its length, and larger integers are
            not counted.
        sparse: False, as values here are dense.

    Returns:
        Tensor (length,) or (batch, length): int32, or of the dtype of `weights`.

    Raises:
        ValueError: when `sparse` is true, shapes do not fit, or `minlength` is left out inside a compiled function.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.bincount([1, 1, 3]).tolist()
        [0, 2, 0, 1]
    """
    if sparse:
        raise ValueError("`sparse=True` is not supported: values here are dense.")
    x = as_index(x)
    if len(x.shape) not in (1, 2):
        raise ValueError(f"`x` must have one or two axes, got shape {tuple(x.shape)}.")
    counts = p.full(shape=tuple(x.shape), value=1, dtype="int32") if weights is None else value_of(weights)
    if unlike_shapes(counts.shape, x.shape):
        raise ValueError(f"`weights` must have the shape of `x`, {tuple(x.shape)}, got {tuple(counts.shape)}.")
    if dtype_of(counts) == "bool":
        counts = as_dtype(counts, "int32")
    length = minlength
    if is_traced(x) and not minlength:
        raise ValueError("`bincount` needs `minlength` inside a compiled function: it decides the shape of the result.")
    if not is_traced(x) and 0 not in x.shape:
        length = max(minlength, known_int(p.max(x, axis=None, keepdims=False), "x") + 1)
    inside = p.logical_and(p.less(x, length), p.greater_equal(x, 0))
    x = p.where(inside, x, length)
    counts = p.where(inside, counts, 0)
    if len(x.shape) == 1:
        return _added_up(x, counts, length)
    rows = at_once(p.reshape, iota(x.shape[0], "int32", 0, length + 1), shape=(x.shape[0], 1))
    flat = _added_up(
        flattened(p.add(as_dtype(x, "int32"), rows)), flattened(counts), x.shape[0] * (length + 1), spare=0
    )
    return window(reshape_to(flat, (x.shape[0], length + 1)), 1, 0, length)


def _added_up(places, amounts, length, spare=1):
    """Sums of `amounts` at `places`; a spare last place takes what is not counted."""
    zeros = p.full(shape=(length + spare,), value=0, dtype=dtype_of(amounts))
    total = p.scatter_nd_add(zeros, p.reshape(places, shape=(*places.shape, 1)), amounts)
    return window(total, 0, 0, length)


@operation
def correlate(x1: TensorLike, x2: TensorLike, mode: str = "valid") -> AnyTensor:
    """The sums of products of vector `x1` with `x2`, conjugated where it is complex, at each shift.

    Args:
        x1: vector.
        x2: vector.
        mode: "valid" where one lies wholly within the other, "same" for the size of the longer, "full" for every
            overlap.

    Returns:
        Float vector.

    Raises:
        ValueError: for operands that are no vectors, or an unknown `mode`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.correlate([1, 2, 3], [0, 1]).tolist()
        [2.0, 3.0]
    """
    if mode not in ("valid", "same", "full"):
        raise ValueError(f"`mode` must be 'valid', 'same' or 'full', got {mode!r}.")
    x, y = values(x1, x2)
    dtype = result_type(dtype_of(x), float)
    x, y = as_dtype(x, dtype), conjugated(as_dtype(y, dtype))
    if len(x.shape) != 1 or len(y.shape) != 1:
        raise ValueError(f"`x1` and `x2` must be vectors, got shapes {tuple(x.shape)} and {tuple(y.shape)}.")
    swapped = x.shape[0] < y.shape[0]
    if swapped:
        x, y = y, x
    size, taps = x.shape[0], y.shape[0]
    before, after = {"valid": (0, 0), "same": (taps // 2, taps - 1 - taps // 2), "full": (taps - 1, taps - 1)}[mode]
    if before or after:
        x = p.pad(x, widths=((before, after),), value=0)
    count = size + before + after - taps + 1
    places = at_once(p.add, at_once(p.reshape, iota(count), shape=(count, 1)), iota(taps))
    sums = p.matmul(p.take(x, places, axis=0), p.reshape(y, shape=(taps, 1)))
    sums = p.reshape(sums, shape=(count,))
    return p.flip(sums, axis=(0,)) if swapped else sums


def _within_one(x):
    return p.minimum(p.maximum(x, -1.0), 1.0)


@operation
def corrcoef(x: TensorLike) -> AnyTensor:
    """Pearson's correlation of variables with each other.

    Args:
        x: tensor (variables, observations), or one variable (observations,).

    Returns:
        Float tensor (variables, variables), complex for complex variables; of one variable 1.

    Raises:
        ValueError: when `x` has more than two axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.corrcoef([[1.0, 2.0], [2.0, 1.0]]).tolist()
        [[1.0, -1.0], [-1.0, 1.0]]
    """
    x = value_of(x)
    x = x if is_complex(x) or is_float_dtype(dtype_of(x)) else as_dtype(x, floatx())
    if len(x.shape) > 2:
        raise ValueError(f"`x` must have at most two axes, got shape {tuple(x.shape)}.")
    rows = x if len(x.shape) == 2 else reshape_to(x, (1, product(x.shape)))
    centered = p.subtract(rows, averaged(rows, (1,), True))
    products = p.matmul(centered, conjugated(centered), transpose_y=True)
    scale = p.sqrt(p.sum(p.square(size_of(centered)), axis=(1,), keepdims=True))
    scale = as_dtype(scale, dtype_of(products))
    found = p.divide(p.divide(products, scale), p.reshape(scale, shape=(1, scale.shape[0])))
    found = by_parts(_within_one, found) if is_complex(found) else _within_one(found)
    return p.reshape(found, shape=()) if found.shape[0] == 1 else found
