"""Reductions that leave NaN out."""

from __future__ import annotations

import math

from kerasish.backend.dtypes import is_inexact_dtype
from kerasish.backend.primitives import p
from kerasish.ops.convert import as_dtype, dtype_of, value_of
from kerasish.ops.numpy import cumulative, reduction
from kerasish.ops.numpy.averages import computed_in
from kerasish.ops.numpy.reduction import axes_of, position
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, Axis, DTypeLike, TensorLike


def without_nan(x: TensorLike, fill: float) -> AnyTensor:
    """`x` with NaN replaced by `fill`; integers as they are."""
    return p.where(p.isnan(x), fill, x) if is_inexact_dtype(dtype_of(x)) else x


@operation
def nansum(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """The sum of what is not NaN; 0 where there is nothing.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.nansum([1.0, float("nan"), 2.0]).tolist()
        3.0
    """
    return reduction.sum(without_nan(value_of(x), 0), axis, keepdims)


@operation
def nanprod(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """The product of what is not NaN; 1 where there is nothing.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.nanprod([2.0, float("nan"), 3.0]).tolist()
        6.0
    """
    return reduction.prod(without_nan(value_of(x), 1), axis, keepdims)


def _extreme(primitive, worst, x, axis, keepdims):
    x = value_of(x)
    axes = axes_of(x, axis)
    if not is_inexact_dtype(dtype_of(x)):
        return primitive(x, axis=axes, keepdims=keepdims)
    missing = p.isnan(x)
    found = primitive(p.where(missing, worst, x), axis=axes, keepdims=keepdims)
    return p.where(p.all(missing, axis=axes, keepdims=keepdims), math.nan, found)


@operation
def nanmax(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """The largest element that is not NaN; NaN where there is none.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.nanmax([1.0, float("nan"), 3.0]).tolist()
        3.0
    """
    return _extreme(p.max, -math.inf, x, axis, keepdims)


@operation
def nanmin(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """The smallest element that is not NaN; NaN where there is none.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.nanmin([1.0, float("nan"), 3.0]).tolist()
        1.0
    """
    return _extreme(p.min, math.inf, x, axis, keepdims)


def _position(primitive, worst, x, axis, keepdims):
    """Where there is nothing but NaN, the index is -1."""
    x = value_of(x)
    if not is_inexact_dtype(dtype_of(x)):
        return position(primitive, x, axis, keepdims)
    missing = p.isnan(x)
    found = position(primitive, p.where(missing, worst, x), axis, keepdims)
    return p.where(p.all(missing, axis=axes_of(x, axis), keepdims=keepdims), -1, found)


@operation
def nanargmax(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> AnyTensor:
    """The index of the largest element that is not NaN; -1 where there is none.

    Args:
        x: tensor.
        axis: int, or None for the flattened tensor.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Int32 tensor of the shape of `x` without the axis.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.nanargmax([1.0, float("nan"), 3.0]).tolist()
        2
    """
    return _position(p.argmax, -math.inf, x, axis, keepdims)


@operation
def nanargmin(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> AnyTensor:
    """The index of the smallest element that is not NaN; -1 where there is none.

    Args:
        x: tensor.
        axis: int, or None for the flattened tensor.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Int32 tensor of the shape of `x` without the axis.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.nanargmin([float("nan"), 4.0, 3.0]).tolist()
        2
    """
    return _position(p.argmin, math.inf, x, axis, keepdims)


def _mean(x, present, axes, keepdims):
    count = p.sum(as_dtype(present, dtype_of(x)), axis=axes, keepdims=keepdims)
    return p.divide(p.sum(p.where(present, x, 0), axis=axes, keepdims=keepdims), count)


@operation
def nanmean(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """The mean of what is not NaN; NaN where there is none.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Float tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.nanmean([1.0, float("nan"), 3.0]).tolist()
        2.0
    """
    x, dtype = computed_in(x)
    return as_dtype(_mean(x, p.logical_not(p.isnan(x)), axes_of(x, axis), keepdims), dtype)


def _variance(x, axis, keepdims):
    axes = axes_of(x, axis)
    present = p.logical_not(p.isnan(x))
    centered = p.where(present, p.subtract(x, _mean(x, present, axes, True)), 0)
    return _mean(p.square(centered), present, axes, keepdims)


@operation
def nanvar(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """The variance of what is not NaN; NaN where there is nothing.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Float tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.nanvar([1.0, float("nan"), 3.0]).tolist()
        1.0
    """
    x, dtype = computed_in(x)
    return as_dtype(_variance(x, axis, keepdims), dtype)


@operation
def nanstd(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """The standard deviation of what is not NaN; NaN where there is nothing.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Float tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.nanstd([1.0, float("nan"), 3.0]).tolist()
        1.0
    """
    x, dtype = computed_in(x)
    return as_dtype(p.sqrt(_variance(x, axis, keepdims)), dtype)


@operation
def nancumsum(x: TensorLike, axis: int | None = None, dtype: DTypeLike | None = None) -> AnyTensor:
    """Running sums with NaN counted as 0.

    Args:
        x: tensor.
        axis: int, or None for the flattened tensor.
        dtype: dtype of the result, by default that of `x` (int32 for bools).

    Returns:
        Tensor of the shape of `x`, or a vector where `axis` is None.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.nancumsum([1.0, float("nan"), 3.0]).tolist()
        [1.0, 1.0, 4.0]
    """
    return cumulative.cumsum(without_nan(value_of(x), 0), axis, dtype)


@operation
def nancumprod(x: TensorLike, axis: int | None = None, dtype: DTypeLike | None = None) -> AnyTensor:
    """Running products with NaN counted as 1.

    Args:
        x: tensor.
        axis: int, or None for the flattened tensor.
        dtype: dtype of the result, by default that of `x` (int32 for bools).

    Returns:
        Tensor of the shape of `x`, or a vector where `axis` is None.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.nancumprod([2.0, float("nan"), 3.0]).tolist()
        [2.0, 2.0, 6.0]
    """
    return cumulative.cumprod(without_nan(value_of(x), 1), axis, dtype)
