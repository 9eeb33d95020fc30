"""Quantiles, histograms, correlation."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kerasish.backend.dtypes import is_float_dtype, result_type
from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axes, product, reduced
from kerasish.backend.settings import floatx
from kerasish.ops.convert import as_dtype, as_float, dtype_of, is_number, is_traced, value_of
from kerasish.ops.numpy.creation import linspace
from kerasish.ops.numpy.helpers import (
    at_once,
    caller_for,
    flattened,
    iota,
    merged_last,
    reshape_to,
    transpose_to,
    window,
)
from kerasish.ops.numpy.indexing import as_index
from kerasish.ops.numpy.products import values
from kerasish.ops.numpy.reduction import averaged, computed_in
from kerasish.ops.numpy.sorting import sorted_along
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, Axis, TensorLike

METHODS = ("linear", "lower", "higher", "midpoint", "nearest")


def _sorted_last(x, axis):
    """(sorted values with `axis` merged into the last, dtype of the result)."""
    x, dtype = computed_in(x)
    merged = merged_last(x, axis)
    return sorted_along(merged, len(merged.shape) - 1), dtype


def _finished(found, x, axis, keepdims, lead, dtype):
    """Reduced axes back with size 1 where asked for; `lead` axes stand in front."""
    if keepdims:
        axes = normalize_axes(axis, len(x.shape))
        found = reshape_to(found, lead + reduced(x.shape, axes, True))
    return as_dtype(found, dtype)


def _nothing(shape, like):
    """What stands in the middle of no elements: NaN, as in NumPy."""
    return p.full(shape=tuple(shape), value=math.nan, dtype=dtype_of(like))


@operation
def median(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """The middle element of the sorted values, or the mean of the two in the middle.

    NaN where there are none.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Float tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.median([5.0, 1.0, 3.0]).tolist()
        3.0
    """
    x = value_of(x)
    ordered, dtype = _sorted_last(x, axis)
    last, size = len(ordered.shape) - 1, ordered.shape[-1]
    if size == 0:
        return _finished(_nothing(ordered.shape[:-1], ordered), x, axis, keepdims, (), dtype)
    half = size // 2
    middle = window(ordered, last, half, half + 1)
    if size % 2 == 0:
        middle = p.multiply(p.add(window(ordered, last, half - 1, half), middle), 0.5)
    greatest = window(ordered, last, size - 1, size)  # NaN is sorted to the end
    middle = p.where(p.isnan(greatest), greatest, middle)
    return _finished(reshape_to(middle, middle.shape[:-1]), x, axis, keepdims, (), dtype)


@operation
def nanmedian(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """The median of what is not NaN.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Float tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.nanmedian([5.0, float("nan"), 3.0]).tolist()
        4.0
    """
    return nanquantile(x, 0.5, axis, "linear", keepdims)


def _between(lower, upper, share, method):
    """The value `share` of the way from `lower` to `upper`."""
    if method == "lower":
        return lower
    if method == "higher":
        return upper
    if method == "midpoint":
        return p.multiply(p.add(lower, upper), 0.5)
    if method == "nearest":
        return p.where(p.less_equal(share, 0.5), lower, upper)
    return p.add(p.multiply(lower, p.subtract(1.0, share)), p.multiply(upper, share))


def _check_method(method):
    if method not in METHODS:
        raise ValueError(f"`method` must be one of {METHODS}, got {method!r}.")


@operation
def quantile(
    x: TensorLike, q: TensorLike, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> AnyTensor:
    """The value below which a share `q` of the elements lies.

    Args:
        x: tensor.
        q: number or tensor in [0, 1]: which share.
        axis: int, several, or None for all axes.
        method: "linear", "lower", "higher", "midpoint" or "nearest": what to take between two elements.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Float tensor: the axes of `q`, then those of `x` that remain.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.quantile([0.0, 10.0, 20.0], 0.25).tolist()
        5.0
    """
    _check_method(method)
    x = value_of(x)
    ordered, dtype = _sorted_last(x, axis)
    q = value_of(q, dtype_of(ordered))
    last, size = len(ordered.shape) - 1, ordered.shape[-1]
    if size == 0:
        return _quantiles_first(_nothing((*ordered.shape[:-1], product(q.shape)), ordered), x, q, axis, keepdims, dtype)
    now = caller_for(q)
    place = now(p.multiply, now(p.reshape, q, shape=(product(q.shape),)), float(size - 1))
    below = now(p.floor, place)
    lower, upper = (p.take(ordered, now(p.cast, i, dtype="int32"), axis=last) for i in (below, now(p.ceil, place)))
    found = _between(lower, upper, now(p.subtract, place, below), method)
    greatest = window(ordered, last, size - 1, size)
    return _quantiles_first(p.where(p.isnan(greatest), math.nan, found), x, q, axis, keepdims, dtype)


@operation
def nanquantile(
    x: TensorLike, q: TensorLike, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> AnyTensor:
    """The value below which a share `q` of what is not NaN lies.

    Args:
        x: tensor.
        q: number or tensor in [0, 1]: which share.
        axis: int, several, or None for all axes.
        method: "linear", "lower", "higher", "midpoint" or "nearest": what to take between two elements.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Float tensor: the axes of `q`, then those of `x` that remain.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.nanquantile([0.0, float("nan"), 20.0], 0.25).tolist()
        5.0
    """
    _check_method(method)
    x = value_of(x)
    ordered, dtype = _sorted_last(x, axis)
    q = value_of(q, dtype_of(ordered))
    last = len(ordered.shape) - 1
    if ordered.shape[-1] == 0:
        return _quantiles_first(_nothing((*ordered.shape[:-1], product(q.shape)), ordered), x, q, axis, keepdims, dtype)
    present = p.cast(p.logical_not(p.isnan(ordered)), dtype=dtype_of(ordered))
    count = p.sum(present, axis=(last,), keepdims=True)
    place = p.maximum(p.multiply(p.subtract(count, 1.0), flattened(q)), 0.0)
    below = p.floor(place)
    lower, upper = (p.take_along_axis(ordered, p.cast(i, dtype="int32"), axis=last) for i in (below, p.ceil(place)))
    return _quantiles_first(_between(lower, upper, p.subtract(place, below), method), x, q, axis, keepdims, dtype)


def _quantiles_first(found, x, q, axis, keepdims, dtype):
    """The axis of the quantiles moved to the front and given the shape of `q`."""
    rank = len(found.shape)
    found = transpose_to(found, [rank - 1, *range(rank - 1)])
    found = reshape_to(found, tuple(q.shape) + tuple(found.shape[1:]))
    return _finished(found, x, axis, keepdims, tuple(q.shape), dtype)


def _share(q):
    return q / 100 if is_number(q) else p.multiply(as_float(q), 0.01)


@operation
def percentile(
    x: TensorLike, q: TensorLike, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> AnyTensor:
    """The value below which `q` percent of the elements lie.

    Args:
        x: tensor.
        q: number or tensor in [0, 100]: which share, in percent.
        axis: int, several, or None for all axes.
        method: "linear", "lower", "higher", "midpoint" or "nearest": what to take between two elements.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Float tensor: the axes of `q`, then those of `x` that remain.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.percentile([0.0, 10.0, 20.0], 50).tolist()
        10.0
    """
    return quantile(x, _share(q), axis, method, keepdims)


@operation
def nanpercentile(
    x: TensorLike, q: TensorLike, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> AnyTensor:
    """The value below which `q` percent of what is not NaN lie.

    Args:
        x: tensor.
        q: number or tensor in [0, 100]: which share, in percent.
        axis: int, several, or None for all axes.
        method: "linear", "lower", "higher", "midpoint" or "nearest": what to take between two elements.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Float tensor: the axes of `q`, then those of `x` that remain.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.nanpercentile([0.0, float("nan"), 20.0], 25).tolist()
        5.0
    """
    return nanquantile(x, _share(q), axis, method, keepdims)


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
    if tuple(counts.shape) != tuple(x.shape):
        raise ValueError(f"`weights` must have the shape of `x`, {tuple(x.shape)}, got {tuple(counts.shape)}.")
    if dtype_of(counts) == "bool":
        counts = as_dtype(counts, "int32")
    length = minlength
    if is_traced(x) and not minlength:
        raise ValueError("`bincount` needs `minlength` inside a compiled function: it decides the shape of the result.")
    if not is_traced(x) and 0 not in x.shape:
        length = max(minlength, int(p.max(x, axis=None, keepdims=False)) + 1)
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
    """The sums of products of vector `x1` with `x2` at each shift.

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
    x, y = as_dtype(x, dtype), as_dtype(y, dtype)
    if len(x.shape) != 1 or len(y.shape) != 1:
        raise ValueError(f"`x1` and `x2` must be vectors, got shapes {tuple(x.shape)} and {tuple(y.shape)}.")
    swapped = x.shape[0] < y.shape[0]
    if swapped:
        x, y = y, x
    size, taps = x.shape[0], y.shape[0]
    before, after = {"valid": (0, 0), "same": (taps // 2, taps - 1 - taps // 2), "full": (taps - 1, taps - 1)}[mode]
    if swapped and mode == "same":
        before, after = after, before
    if before or after:
        x = p.pad(x, widths=((before, after),), value=0)
    count = size + before + after - taps + 1
    places = at_once(p.add, at_once(p.reshape, iota(count), shape=(count, 1)), iota(taps))
    sums = p.matmul(p.take(x, places, axis=0), p.reshape(y, shape=(taps, 1)))
    sums = p.reshape(sums, shape=(count,))
    return p.flip(sums, axis=(0,)) if swapped else sums


@operation
def corrcoef(x: TensorLike) -> AnyTensor:
    """Pearson's correlation of variables with each other.

    Args:
        x: tensor (variables, observations), or one variable (observations,).

    Returns:
        Float tensor (variables, variables); of one variable 1.

    Raises:
        ValueError: when `x` has more than two axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.corrcoef([[1.0, 2.0], [2.0, 1.0]]).tolist()
        [[1.0, -1.0], [-1.0, 1.0]]
    """
    x = value_of(x)
    dtype = dtype_of(x) if is_float_dtype(dtype_of(x)) else floatx()
    x = as_dtype(x, dtype)
    if len(x.shape) > 2:
        raise ValueError(f"`x` must have at most two axes, got shape {tuple(x.shape)}.")
    rows = x if len(x.shape) == 2 else reshape_to(x, (1, product(x.shape)))
    centered = p.subtract(rows, averaged(rows, (1,), True))
    products = p.matmul(centered, centered, transpose_y=True)
    scale = p.sqrt(p.sum(p.square(centered), axis=(1,), keepdims=True))
    found = p.divide(p.divide(products, scale), p.reshape(scale, shape=(1, scale.shape[0])))
    found = p.minimum(p.maximum(found, -1.0), 1.0)
    return found if len(x.shape) == 2 else p.reshape(found, shape=())
