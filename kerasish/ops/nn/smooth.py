"""Smooth activations."""

from __future__ import annotations

import math

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axis
from kerasish.ops.convert import as_float
from kerasish.ops.numpy.helpers import window
from kerasish.ops.operation import operation
from kerasish.typing import AnyTensor, Axis, TensorLike

_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer et al. 2017, arXiv:1706.02515


@operation
def sigmoid(x: TensorLike) -> AnyTensor:
    """1 / (1 + exp(-x)).

    >>> import kerasish as keras
    >>> keras.ops.sigmoid([0.0]).tolist()
    [0.5]
    """
    return p.sigmoid(as_float(x))


@operation
def log_sigmoid(x: TensorLike) -> AnyTensor:
    """log(sigmoid(x)), without overflow."""
    return p.negative(p.softplus(p.negative(as_float(x))))


@operation
def softplus(x: TensorLike) -> AnyTensor:
    """log(1 + exp(x)), without overflow.

    >>> import kerasish as keras
    >>> round(float(keras.ops.softplus([0.0])[0]), 4)
    0.6931
    """
    return p.softplus(as_float(x))


@operation
def softsign(x: TensorLike) -> AnyTensor:
    """`x / (1 + |x|)`.

    >>> import kerasish as keras
    >>> keras.ops.softsign([-1.0, 3.0]).tolist()
    [-0.5, 0.75]
    """
    x = as_float(x)
    return p.divide(x, p.add(p.absolute(x), 1.0))


@operation
def silu(x: TensorLike) -> AnyTensor:
    """`x sigmoid(x)` (Ramachandran et al. 2017, arXiv:1710.05941).

    >>> import kerasish as keras
    >>> keras.ops.silu([0.0]).tolist()
    [0.0]
    """
    x = as_float(x)
    return p.multiply(x, p.sigmoid(x))


@operation
def swish(x: TensorLike) -> AnyTensor:
    """`silu` under its other name."""
    return silu(x)


@operation
def tanh_shrink(x: TensorLike) -> AnyTensor:
    """`x - tanh(x)`."""
    x = as_float(x)
    return p.subtract(x, p.tanh(x))


@operation
def squareplus(x: TensorLike, b: TensorLike = 4) -> AnyTensor:
    """(x + sqrt(x^2 + b)) / 2 (Barron 2021, arXiv:2112.11687).

    >>> import kerasish as keras
    >>> keras.ops.squareplus([0.0]).tolist()
    [1.0]
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
    """x, and alpha (exp(x) - 1) below 0 (Clevert et al. 2015, arXiv:1511.07289).

    >>> import kerasish as keras
    >>> [round(float(v), 3) for v in keras.ops.elu([-1.0, 2.0])]
    [-0.632, 2.0]
    """
    return _exponential_below(as_float(x), 1, float(alpha))


@operation
def celu(x: TensorLike, alpha: float = 1.0) -> AnyTensor:
    """x, and alpha (exp(x / alpha) - 1) below 0 (Barron 2017, arXiv:1704.07483)."""
    return _exponential_below(as_float(x), 1 / alpha, float(alpha))


@operation
def selu(x: TensorLike) -> AnyTensor:
    """A scaled `elu` that keeps mean 0 and variance 1 from layer to layer (Klambauer et al. 2017, arXiv:1706.02515)."""
    return p.multiply(_exponential_below(as_float(x), 1, _SELU_ALPHA), _SELU_SCALE)


@operation
def gelu(x: TensorLike, approximate: bool = True) -> AnyTensor:
    """`x` times the chance that a standard normal number is below x (Hendrycks and Gimpel 2016, arXiv:1606.08415).

    Args:
        approximate: whether to take the curve with tanh for it, which differs by less than 0.0005.

    >>> import kerasish as keras
    >>> round(float(keras.ops.gelu([1.0])[0]), 4)
    0.8412
    """
    x = as_float(x)
    if not approximate:
        return p.multiply(p.multiply(x, 0.5), p.erfc(p.multiply(x, -math.sqrt(0.5))))
    slope = 2 * math.sqrt(2 / math.pi)  # (1 + tanh(u)) / 2 = sigmoid(2 u)
    inner = p.multiply(p.add(p.multiply(p.square(x), slope * 0.044715), slope), x)
    return p.multiply(x, p.sigmoid(inner))


@operation
def glu(x: TensorLike, axis: Axis = -1) -> AnyTensor:
    """The first half of `axis` times the sigmoid of the second (Dauphin et al. 2016, arXiv:1612.08083).

    Raises: ValueError when the size of `axis` is odd.

    >>> import kerasish as keras
    >>> keras.ops.glu([2.0, 0.0]).tolist()
    [1.0]
    """
    x = as_float(x)
    axis = normalize_axis(axis, len(x.shape))
    size = x.shape[axis]
    if size is None:
        raise TypeError("The size of `axis` must be known.")
    if size % 2:
        raise ValueError(
            f"`glu` splits an axis in two: its size must be even, got {size} (`axis`={axis} of shape {tuple(x.shape)})."
        )
    return p.multiply(window(x, axis, 0, size // 2), p.sigmoid(window(x, axis, size // 2, size)))
