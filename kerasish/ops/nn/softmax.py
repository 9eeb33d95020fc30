"""Softmax and its kin, over one axis or several."""

from __future__ import annotations

import warnings

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axes, normalize_axis
from kerasish.ops.convert import as_float, dtype_of
from kerasish.ops.numpy.helpers import at_once, iota
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, Axis, TensorLike


def _from_largest(x, axis):
    """(x - its maximum, the axes): no exponential of it overflows.

    The maximum is a constant for gradients, as it cancels.
    """
    axes = normalize_axes(axis, len(x.shape))
    if any(isinstance(x.shape[axis], int) and x.shape[axis] == 0 for axis in axes):
        return x, axes  # of nothing there is no maximum
    return p.subtract(x, p.stop_gradient(p.max(x, axis=axes, keepdims=True))), axes


def softmax_over(x: TensorLike, axis: Axis) -> AnyTensor:
    """`softmax` of a floating-point value."""
    shifted, axes = _from_largest(x, axis)
    powers = p.exp(shifted)
    return p.divide(powers, p.sum(powers, axis=axes, keepdims=True))


def log_softmax_over(x: TensorLike, axis: Axis) -> AnyTensor:
    """`log_softmax` of a floating-point value."""
    shifted, axes = _from_largest(x, axis)
    return p.subtract(shifted, p.log(p.sum(p.exp(shifted), axis=axes, keepdims=True)))


@operation
def softmax(x: TensorLike, axis: Axis = -1) -> AnyTensor:
    """exp(x) divided by its sum over `axis`.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.softmax([0.0, 0.0]).tolist()
        [0.5, 0.5]
    """
    x = as_float(x)
    if len(x.shape) == 2 and axis in (-1, 1):  # one unit; attention to a single key is well as it is
        _warn_of_one(x.shape[axis], axis)
    return softmax_over(x, axis)


def _warn_of_one(size, axis):
    if isinstance(size, int) and size == 1:
        warnings.warn(
            f"Softmax over axis {axis}, which has size 1, is 1 whatever it is computed from. Use a sigmoid for one "
            "unit that says yes or no.",
            stacklevel=3,
        )


@operation
def log_softmax(x: TensorLike, axis: Axis = -1) -> AnyTensor:
    """The logarithm of `softmax(x, axis)`, exact where that underflows.

    Args:
        x: tensor.
        axis: int, several, or None for all axes.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.log_softmax([0.0, 1000.0]).tolist()
        [-1000.0, 0.0]
    """
    return log_softmax_over(as_float(x), axis)


@operation
def sparsemax(x: TensorLike, axis: int = -1) -> AnyTensor:
    """A softmax with zeros: a projection to the probability simplex.

    The numbers are those of Keras 3, which takes for the threshold the sum of all cumulative sums within the support
    where the paper takes the last one: it is the paper's function where one element stays, and sums to less than 1
    where several do.

    Args:
        x: tensor.
        axis: int, of a known size.

    Returns:
        Float tensor of the shape of `x`.

    Raises:
        TypeError: when the size of `axis` is not known.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.sparsemax([0.0, 3.0, 1.0]).tolist()
        [0.0, 1.0, 0.0]

    Reference:
        Martins and Astudillo, "From Softmax to Sparsemax", 2016, arXiv:1602.02068.
    """
    x = as_float(x)
    axis = normalize_axis(axis, len(x.shape))
    size, dtype = x.shape[axis], dtype_of(x)
    ranks = at_once(p.reshape, iota(size, dtype, 1), shape=tuple(size if i == axis else 1 for i in range(len(x.shape))))
    falling = p.take_along_axis(x, p.argsort(p.negative(x), axis=axis), axis=axis)
    sums = p.cumsum(falling, axis=axis, reverse=False)
    stays = p.greater(p.add(p.multiply(falling, ranks), 1.0), sums)
    count = p.sum(p.cast(stays, dtype=dtype), axis=(axis,), keepdims=True)
    total = p.sum(p.where(stays, sums, 0.0), axis=(axis,), keepdims=True)
    return p.relu(p.subtract(x, p.divide(p.subtract(total, 1.0), count)))
