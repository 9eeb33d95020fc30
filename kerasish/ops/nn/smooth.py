"""Smooth activations."""

from __future__ import annotations

import math

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axis
from kerasish.backend.sizes import unlike
from kerasish.ops.convert import as_dtype, as_float, widened
from kerasish.ops.numpy.helpers import window
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, TensorLike

_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer et al. 2017, arXiv:1706.02515


@operation
def sigmoid(x: TensorLike) -> AnyTensor:
    """1 / (1 + exp(-x)), element by element.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.sigmoid([0.0]).tolist()
        [0.5]
    """
    return p.sigmoid(as_float(x))


@operation
def log_sigmoid(x: TensorLike) -> AnyTensor:
    """log(sigmoid(x)), without overflow.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.ops.log_sigmoid(0.0)), 4)
        -0.6931
    """
    return p.negative(p.softplus(p.negative(as_float(x))))


@operation
def softplus(x: TensorLike) -> AnyTensor:
    """log(1 + exp(x)), without overflow.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.ops.softplus([0.0])[0]), 4)
        0.6931
    """
    return p.softplus(as_float(x))


@operation
def softsign(x: TensorLike) -> AnyTensor:
    """`x / (1 + |x|)`.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.softsign([-1.0, 3.0]).tolist()
        [-0.5, 0.75]
    """
    x = as_float(x)
    return p.divide(x, p.add(p.absolute(x), 1.0))


@operation
def silu(x: TensorLike) -> AnyTensor:
    """`x` times its sigmoid.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.silu([0.0]).tolist()
        [0.0]

    Reference:
        Ramachandran et al., "Searching for Activation Functions", 2017, arXiv:1710.05941.
    """
    x = as_float(x)
    return p.multiply(x, p.sigmoid(x))


@operation
def swish(x: TensorLike) -> AnyTensor:
    """`silu` under its other name.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.swish([0.0]).tolist()
        [0.0]
    """
    return silu(x)


@operation
def tanh_shrink(x: TensorLike) -> AnyTensor:
    """`x - tanh(x)`.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.tanh_shrink([0.0]).tolist()
        [0.0]
    """
    x = as_float(x)
    return p.subtract(x, p.tanh(x))


@operation
def squareplus(x: TensorLike, b: float = 4) -> AnyTensor:
    """(x + sqrt(x^2 + b)) / 2, a smooth `relu`.

    Args:
        x: tensor.
        b: number of 0 or more: how smooth.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.squareplus([0.0]).tolist()
        [1.0]

    Reference:
        Barron, "Squareplus: A Softplus-Like Algebraic Rectifier", 2021, arXiv:2112.11687.
    """
    x = as_float(x)
    return p.multiply(p.add(p.sqrt(p.add(p.square(x), float(b))), x), 0.5)


def _exponential_below(x, inner, outer):
    """x, and outer * (exp(inner * x) - 1) below 0.

    What the chosen side does not need is not computed with: no overflow, no NaN slope.
    """
    positive = p.greater(x, 0.0)
    below = p.where(positive, 0.0, x)
    below = p.expm1(below if inner == 1 else p.multiply(below, inner))
    return p.where(positive, x, below if outer == 1 else p.multiply(below, outer))


@operation
def elu(x: TensorLike, alpha: float = 1.0) -> AnyTensor:
    """x, and alpha (exp(x) - 1) below 0.

    Args:
        x: tensor.
        alpha: number.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> [round(float(v), 3) for v in keras.ops.elu([-1.0, 2.0])]
        [-0.632, 2.0]

    Reference:
        Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear Units", 2015, arXiv:1511.07289.
    """
    return _exponential_below(as_float(x), 1, float(alpha))


@operation
def celu(x: TensorLike, alpha: float = 1.0) -> AnyTensor:
    """x, and alpha (exp(x / alpha) - 1) below 0.

    Args:
        x: tensor.
        alpha: number, not 0.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> [round(float(v), 3) for v in keras.ops.celu([-1.0, 2.0])]
        [-0.632, 2.0]

    Reference:
        Barron, "Continuously Differentiable Exponential Linear Units", 2017, arXiv:1704.07483.
    """
    return _exponential_below(as_float(x), 1 / alpha, float(alpha))


@operation
def selu(x: TensorLike) -> AnyTensor:
    """A scaled `elu` that keeps mean 0 and variance 1 from layer to layer.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> [round(float(v), 3) for v in keras.ops.selu([-1.0, 2.0])]
        [-1.111, 2.101]

    Reference:
        Klambauer et al., "Self-Normalizing Neural Networks", 2017, arXiv:1706.02515.
    """
    return p.multiply(_exponential_below(as_float(x), 1, _SELU_ALPHA), _SELU_SCALE)


@operation
def gelu(x: TensorLike, approximate: bool = True) -> AnyTensor:
    """`x` times the chance that a standard normal number is below x.

    Args:
        x: tensor.
        approximate: bool, whether to take the curve with tanh for it, which differs by less than 0.0005.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.ops.gelu([1.0])[0]), 4)
        0.8412

    Reference:
        Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016, arXiv:1606.08415.
    """
    x, dtype = widened(x)
    if not approximate:
        return as_dtype(p.multiply(p.multiply(x, 0.5), p.erfc(p.multiply(x, -math.sqrt(0.5)))), dtype)
    slope = 2 * math.sqrt(2 / math.pi)  # (1 + tanh(u)) / 2 = sigmoid(2 u)
    inner = p.multiply(p.add(p.multiply(p.square(x), slope * 0.044715), slope), x)
    return as_dtype(p.multiply(x, p.sigmoid(inner)), dtype)


@operation
def glu(x: TensorLike, axis: int = -1) -> AnyTensor:
    """The first half of an axis times the sigmoid of the second.

    Args:
        x: tensor.
        axis: int, of an even size.

    Returns:
        Float tensor of the shape of `x`, with half the size along `axis`.

    Raises:
        ValueError: when the size of `axis` is odd.
        TypeError: when the size of `axis` is not known.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.glu([2.0, 0.0]).tolist()
        [1.0]

    Reference:
        Dauphin et al., "Language Modeling with Gated Convolutional Networks", 2016, arXiv:1612.08083.
    """
    x = as_float(x)
    axis = normalize_axis(axis, len(x.shape))
    size = x.shape[axis]
    if unlike(size % 2, 0):
        raise ValueError(
            f"`glu` splits an axis in two: its size must be even, got {size} (`axis`={axis} of shape {tuple(x.shape)})."
        )
    return p.multiply(window(x, axis, 0, size // 2), p.sigmoid(window(x, axis, size // 2, size)))
