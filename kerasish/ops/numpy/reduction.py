"""Reductions over axes. `axis` is an int, a tuple of ints or None (all); `keepdims` keeps reduced axes with size 1."""

from __future__ import annotations

from collections.abc import Callable

from kerasish.backend.dtypes import result_type, standardize_dtype
from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axes, reduced
from kerasish.ops.convert import as_dtype, dtype_of, promote, value_of
from kerasish.ops.numpy.cumulative import diff
from kerasish.ops.numpy.helpers import (
    SUM_DTYPES,
    as_bool,
    flattened,
    moved_last,
    reshape_to,
    window,
)
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, Axis, DTypeLike, TensorLike


def axes_of(x: TensorLike, axis: Axis) -> tuple[int, ...]:
    """`axis` as a sorted tuple; all axes for None."""
    return normalize_axes(axis, len(x.shape))


@operation
def sum(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """The sum over axes.

    Bools and integers narrower than 32 bits are summed in 32.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.sum([[1, 2], [3, 4]], axis=0).tolist()
        [4, 6]
    """
    x = value_of(x)
    dtype = dtype_of(x)
    return p.sum(as_dtype(x, SUM_DTYPES.get(dtype, dtype)), axis=axes_of(x, axis), keepdims=keepdims)


@operation
def prod(x: TensorLike, axis: Axis = None, keepdims: bool = False, dtype: DTypeLike | None = None) -> AnyTensor:
    """The product over axes.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.
        dtype: dtype of the result; by default that of `x`, at least 32 bits wide for bools and integers.

    Returns:
        Tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.prod([[1, 2], [3, 4]]).tolist()
        24
    """
    x = value_of(x)
    wanted = SUM_DTYPES.get(dtype_of(x), dtype_of(x)) if dtype is None else standardize_dtype(dtype)
    return p.prod(as_dtype(x, wanted), axis=axes_of(x, axis), keepdims=keepdims)


def _extreme(primitive, join, x, axis, keepdims, initial):
    x = value_of(x)
    axes = axes_of(x, axis)
    if 0 in [x.shape[a] for a in axes] and initial is None:
        raise ValueError(
            f"An empty axis has no largest or smallest element: `x` has shape {tuple(x.shape)}. Give `initial`."
        )
    if 0 in x.shape and initial is not None:
        return p.full(shape=reduced(x.shape, axes, keepdims), value=initial, dtype=dtype_of(x))
    found = primitive(x, axis=axes, keepdims=keepdims)
    return found if initial is None else join(*promote(found, initial))


@operation
def max(x: TensorLike, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> AnyTensor:
    """The largest element over axes.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.
        initial: number that the result is not below, or None.

    Returns:
        Tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.max([[1, 4], [3, 2]], axis=1).tolist()
        [4, 3]
    """
    return _extreme(p.max, p.maximum, x, axis, keepdims, initial)


@operation
def min(x: TensorLike, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> AnyTensor:
    """The smallest element over axes.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.
        initial: number that the result is not above, or None.

    Returns:
        Tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.min([[1, 4], [3, 2]], axis=1).tolist()
        [1, 2]
    """
    return _extreme(p.min, p.minimum, x, axis, keepdims, initial)


@operation
def amax(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """`max` under its NumPy name.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.amax([[1, 4], [3, 2]], axis=1).tolist()
        [4, 3]
    """
    return _extreme(p.max, p.maximum, x, axis, keepdims, None)


@operation
def amin(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """`min` under its NumPy name.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.amin([[1, 4], [3, 2]], axis=1).tolist()
        [1, 2]
    """
    return _extreme(p.min, p.minimum, x, axis, keepdims, None)


@operation
def ptp(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """The largest minus the smallest element over axes.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.ptp([[1, 4], [3, 2]], axis=1).tolist()
        [3, 1]
    """
    return p.subtract(amax(x, axis, keepdims), amin(x, axis, keepdims))


@operation
def any(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """Whether any element is nonzero.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Bool tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.any([[True, False], [False, False]], axis=1).tolist()
        [True, False]
    """
    x = as_bool(x)
    return p.any(x, axis=axes_of(x, axis), keepdims=keepdims)


@operation
def all(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> AnyTensor:
    """Whether all elements are nonzero.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.
        keepdims: bool, whether the axes stay, with size 1.

    Returns:
        Bool tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.all([[True, True], [True, False]], axis=1).tolist()
        [True, False]
    """
    x = as_bool(x)
    return p.all(x, axis=axes_of(x, axis), keepdims=keepdims)


@operation
def count_nonzero(x: TensorLike, axis: Axis = None) -> AnyTensor:
    """How many elements are nonzero.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.

    Returns:
        Int32 tensor of the shape of `x` without the axes.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.count_nonzero([[0, 1], [2, 3]], axis=1).tolist()
        [1, 2]
    """
    x = as_bool(x)
    return p.sum(as_dtype(x, "int32"), axis=axes_of(x, axis), keepdims=False)


def position(primitive: Callable[..., AnyTensor], x: TensorLike, axis: int | None, keepdims: bool) -> AnyTensor:
    """`argmax` or argmin; over the flattened value when `axis` is None."""
    if axis is not None:
        return primitive(x, axis=axis, keepdims=keepdims)
    found = primitive(flattened(x), axis=0, keepdims=False)
    return reshape_to(found, (1,) * len(x.shape)) if keepdims else found


@operation
def argmax(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> AnyTensor:
    """The index of the largest element along `axis`, the first of equals.

    Args:
        x: tensor.
        axis: int, or None for the flattened tensor.
        keepdims: bool, whether the axis stays, with size 1.

    Returns:
        Int32 tensor of the shape of `x` without the axis.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.argmax([[1, 4], [3, 2]], axis=1).tolist()
        [1, 0]
    """
    return position(p.argmax, value_of(x), axis, keepdims)


@operation
def argmin(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> AnyTensor:
    """The index of the smallest element along `axis`, the first of equals.

    Args:
        x: tensor.
        axis: int, or None for the flattened tensor.
        keepdims: bool, whether the axis stays, with size 1.

    Returns:
        Int32 tensor of the shape of `x` without the axis.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.argmin([[1, 4], [3, 2]], axis=1).tolist()
        [0, 1]
    """
    return position(p.argmin, value_of(x), axis, keepdims)


@operation
def trapezoid(y: TensorLike, x: TensorLike | None = None, dx: float = 1.0, axis: int = -1) -> AnyTensor:
    """The area under `y` by the trapezoidal rule.

    Args:
        y: tensor of heights.
        x: tensor of the points where they stand, or None for points at distance `dx`.
        dx: number, the distance between points where `x` is None.
        axis: int.

    Returns:
        Float tensor of the shape of `y` without the axis.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.trapezoid([1.0, 2.0, 3.0]).tolist()
        4.0
    """
    y = value_of(y)
    dtype = result_type(dtype_of(y), float) if x is None else result_type(dtype_of(y), dtype_of(value_of(x)), float)
    y = moved_last(as_dtype(y, dtype), axis)
    if x is None:
        steps = dx
    else:
        x = as_dtype(value_of(x), dtype)
        steps = diff(x if len(x.shape) == 1 else moved_last(x, axis))
    last = len(y.shape) - 1
    heights = p.add(window(y, last, 1, None), window(y, last, 0, y.shape[last] - 1))
    return p.multiply(p.sum(p.multiply(heights, steps), axis=(last,), keepdims=False), 0.5)
