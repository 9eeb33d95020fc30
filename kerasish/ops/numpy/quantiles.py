"""Medians, quantiles and percentiles."""

from __future__ import annotations

import math

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axes, product, reduced
from kerasish.ops.convert import as_dtype, as_float, dtype_of, is_number, value_of
from kerasish.ops.numpy.averages import computed_in
from kerasish.ops.numpy.complex_numbers import refuse_complex
from kerasish.ops.numpy.helpers import (
    caller_for,
    flattened,
    merged_last,
    reshape_to,
    transpose_to,
    window,
)
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
    refuse_complex("quantile", x)
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
    refuse_complex("quantile", x)
    ordered, dtype = _sorted_last(x, axis)
    q = value_of(q, dtype_of(ordered))
    last, size = len(ordered.shape) - 1, ordered.shape[-1]
    if size == 0:
        return _quantiles_first(_nothing((*ordered.shape[:-1], product(q.shape)), ordered), x, q, axis, keepdims, dtype)
    now = caller_for(q)
    place = now(p.multiply, now(p.reshape, q, shape=(product(q.shape),)), 1.0 * (size - 1))
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
    refuse_complex("quantile", x)
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
