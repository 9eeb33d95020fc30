"""Means and variances over axes."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish.backend.dtypes import COMPLEX, is_inexact_dtype, part_of, result_type
from kerasish.backend.float_formats import HALVES
from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import product
from kerasish.ops.convert import as_dtype, dtype_of, value_of
from kerasish.ops.numpy.complex_numbers import is_complex, size_of
from kerasish.ops.numpy.helpers import (
    broadcast_shape,
    reshape_to,
)
from kerasish.ops.numpy.reduction import axes_of
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, Axis, TensorLike


def count_of(x: TensorLike, axes: Sequence[int]) -> AnyTensor:
    """The number of elements that a reduction over `axes` joins."""
    return product(x.shape[a] for a in axes)


def inverse(count: int) -> float:
    """1 / count; NaN for none, as the mean of nothing has no value."""
    return 1 / count if count != 0 else float("nan")


def averaged(x: TensorLike, axes: Sequence[int], keepdims: bool) -> AnyTensor:
    """The mean of a floating-point value of full precision."""
    return p.multiply(p.sum(x, axis=axes, keepdims=keepdims), inverse(count_of(x, axes)))


def computed_in(x: TensorLike) -> tuple[AnyTensor, str]:
    """(x, dtype): `x` in the type in which means are computed (never half precision), and the type of the result."""
    x = value_of(x)
    dtype = dtype_of(x)
    result = dtype if is_inexact_dtype(dtype) else result_type(dtype, float)
    return as_dtype(x, "float32" if result in HALVES else result), result


@operation
def mean(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """The arithmetic mean over axes; half precision is summed in float32.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Float tensor of the shape of `x` without the axes; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.mean([[1, 2], [3, 4]], axis=0).tolist()
        [2.0, 3.0]
    """
    x, dtype = computed_in(x)
    return as_dtype(averaged(x, axes_of(x, axis), keepdims), dtype)


def _of_distances(dtype):
    """The dtype of distances between numbers of `dtype`."""
    return part_of(dtype) if dtype in COMPLEX else dtype


def _variance(x, axis, keepdims):
    axes = axes_of(x, axis)
    away = p.subtract(x, averaged(x, axes, True))
    return averaged(p.square(size_of(away) if is_complex(away) else away), axes, keepdims)


@operation
def var(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """The variance: the mean squared distance from the mean.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Float tensor of the shape of `x` without the axes; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.var([1.0, 3.0]).tolist()
        1.0
    """
    x, dtype = computed_in(x)
    return as_dtype(_variance(x, axis, keepdims), _of_distances(dtype))


@operation
def std(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """The standard deviation: the root of the variance.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Float tensor of the shape of `x` without the axes; integers become `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.std([1.0, 5.0]).tolist()
        2.0
    """
    x, dtype = computed_in(x)
    return as_dtype(p.sqrt(_variance(x, axis, keepdims)), _of_distances(dtype))


@operation
def average(x: TensorLike, axis: Axis = None, weights: TensorLike | None = None) -> AnyTensor:
    """The mean weighted by `weights`.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        weights: tensor of the shape of `x`, or a vector along the one `axis`; None for equal weights.

    Returns:
        Float tensor of the shape of `x` without the axes; integers become `floatx()`.

    Raises:
        ValueError: when the shapes of `x` and `weights` do not fit.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.average([1.0, 2.0], weights=[3.0, 1.0]).tolist()
        1.25
    """
    x = value_of(x)
    if weights is None:
        return mean(x, axis)
    weights = value_of(weights)
    dtype = result_type(dtype_of(x), dtype_of(weights), float)
    x, weights = as_dtype(x, dtype), as_dtype(weights, dtype)
    axes = axes_of(x, axis)
    if len(weights.shape) != len(x.shape):
        if len(weights.shape) != 1 or len(axes) != 1 or weights.shape[0] != x.shape[axes[0]]:
            raise ValueError(
                f"`weights` must have the shape of `x`, {tuple(x.shape)}, or be a vector along the one `axis`; got "
                f"{tuple(weights.shape)} "
                f"and axis={axis}."
            )
        weights = reshape_to(weights, [x.shape[i] if i in axes else 1 for i in range(len(x.shape))])
    weights = broadcast_shape(weights, x.shape)
    return p.divide(p.sum(p.multiply(x, weights), axis=axes, keepdims=False), p.sum(weights, axis=axes, keepdims=False))
