"""Activations made of straight pieces."""

from __future__ import annotations

from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.primitives import p
from kerasish.ops.convert import as_dtype, as_float, dtype_of, value_of
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike


@operation
def relu(x: TensorLike) -> AnyTensor:
    """The larger of x and 0.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.relu([-1.0, 2.0]).tolist()
        [0.0, 2.0]
    """
    x = value_of(x)
    return as_dtype(x, "int32") if dtype_of(x) == "bool" else p.relu(x)


@operation
def relu6(x: TensorLike) -> AnyTensor:
    """`x` kept between 0 and 6.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.relu6([-1.0, 3.0, 8.0]).tolist()
        [0.0, 3.0, 6.0]
    """
    return p.minimum(p.relu(as_float(x)), 6.0)


@operation
def leaky_relu(x: TensorLike, negative_slope: float = 0.2) -> AnyTensor:
    """x, and `negative_slope` * x below 0.

    Args:
        x: tensor.
        negative_slope: number.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.leaky_relu([-2.0, 2.0], negative_slope=0.5).tolist()
        [-1.0, 2.0]

    Reference:
        Maas et al., "Rectifier Nonlinearities Improve Neural Network Acoustic Models", 2013.
    """
    x = as_float(x)
    return p.where(p.greater_equal(x, 0.0), x, p.multiply(x, float(negative_slope)))


@operation
def hard_sigmoid(x: TensorLike) -> AnyTensor:
    """`x / 6 + 1/2`, kept between 0 and 1.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.hard_sigmoid([-3.0, 0.0, 3.0]).tolist()
        [0.0, 0.5, 1.0]
    """
    return p.multiply(p.minimum(p.relu(p.add(as_float(x), 3.0)), 6.0), 1 / 6)


@operation
def hard_silu(x: TensorLike) -> AnyTensor:
    """`x` times `hard_sigmoid(x)`.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.hard_silu([-3.0, 0.0, 3.0]).tolist()
        [-0.0, 0.0, 3.0]

    Reference:
        Howard et al., "Searching for MobileNetV3", 2019, arXiv:1905.02244.
    """
    x = as_float(x)
    return p.multiply(x, hard_sigmoid(x))


@operation
def hard_swish(x: TensorLike) -> AnyTensor:
    """`hard_silu` under its other name.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.hard_swish([-3.0, 0.0, 3.0]).tolist()
        [-0.0, 0.0, 3.0]
    """
    return hard_silu(x)


def _between(x, low, high, value):
    """`value`, with `low` at and below x = -1 and `high` at and above x = 1; the slope at both ends is the middle's."""
    return p.where(p.less(x, -1.0), low, p.where(p.greater(x, 1.0), high, value))


@operation
def hard_tanh(x: TensorLike) -> AnyTensor:
    """`x` kept between -1 and 1.

    Args:
        x: tensor.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.hard_tanh([-2.0, 0.5, 2.0]).tolist()
        [-1.0, 0.5, 1.0]
    """
    x = value_of(x)
    return (
        _between(x, -1.0, 1.0, x)
        if is_float_dtype(dtype_of(x))
        else x
        if dtype_of(x) == "bool"
        else p.minimum(p.maximum(x, -1), 1)
    )


@operation
def hard_shrink(x: TensorLike, threshold: float = 0.5) -> AnyTensor:
    """`x` where |x| is above `threshold`, 0 elsewhere.

    Args:
        x: tensor.
        threshold: number of 0 or more.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.hard_shrink([-2.0, 0.2, 2.0]).tolist()
        [-2.0, 0.0, 2.0]
    """
    x = as_float(x)
    return p.where(p.greater(p.absolute(x), float(threshold)), x, 0.0)


@operation
def soft_shrink(x: TensorLike, threshold: float = 0.5) -> AnyTensor:
    """`x` moved towards 0 by `threshold`, and 0 where that would cross it.

    Args:
        x: tensor.
        threshold: number of 0 or more.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.soft_shrink([-2.0, 0.2, 2.0], threshold=0.5).tolist()
        [-1.5, 0.0, 1.5]
    """
    x, threshold = as_float(x), float(threshold)
    return p.where(
        p.greater(x, threshold), p.subtract(x, threshold), p.where(p.less(x, -threshold), p.add(x, threshold), 0.0)
    )


@operation
def threshold(x: TensorLike, threshold: float, default_value: float) -> AnyTensor:
    """`x` where it is above `threshold`, `default_value` elsewhere.

    Args:
        x: tensor.
        threshold: number.
        default_value: number in the place of elements that are not above `threshold`.

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.threshold([-1.0, 1.0, 2.0], 1.0, 9.0).tolist()
        [9.0, 9.0, 2.0]
    """
    x = value_of(x)
    return p.where(p.greater(x, threshold), x, default_value)


@operation
def sparse_plus(x: TensorLike) -> AnyTensor:
    """0 up to -1, x from 1 on, and (x + 1)^2 / 4 between: a softplus that gets to 0.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.sparse_plus([-2.0, 0.0, 2.0]).tolist()
        [0.0, 0.25, 2.0]
    """
    x = as_float(x)
    return p.where(p.less_equal(x, -1.0), 0.0, p.where(p.less(x, 1.0), p.multiply(p.square(p.add(x, 1.0)), 0.25), x))


@operation
def sparse_sigmoid(x: TensorLike) -> AnyTensor:
    """(x + 1) / 2, kept between 0 and 1: the slope of `sparse_plus`.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.sparse_sigmoid([-2.0, 0.0, 2.0]).tolist()
        [0.0, 0.5, 1.0]
    """
    return p.maximum(p.minimum(p.add(p.multiply(as_float(x), 0.5), 0.5), 1.0), 0.0)
