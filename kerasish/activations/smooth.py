"""Activations that are smooth (or nearly so): exponential units, sigmoids, soft rectifiers."""

from __future__ import annotations

from kerasish import ops
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, TensorLike


@suggesting
def elu(x: TensorLike, alpha: float = 1.0) -> AnyTensor:
    """`x` where it is positive, alpha (exp(x) - 1) elsewhere.

    Args:
        x: tensor.
        alpha: number, minus the lower bound.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> [round(float(y), 3) for y in keras.activations.elu(keras.ops.array([-1.0, 2.0]))]
        [-0.632, 2.0]

    Reference:
        Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear Units", 2015, arXiv:1511.07289.
    """
    return ops.elu(x, alpha=alpha)


def selu(x: TensorLike) -> AnyTensor:
    """1.0507 elu(x, 1.6733), which keeps mean 0 and variance 1 from layer to layer.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> [round(float(y), 3) for y in keras.activations.selu(keras.ops.array([-1.0, 1.0]))]
        [-1.111, 1.051]

    Reference:
        Klambauer et al., "Self-Normalizing Neural Networks", 2017, arXiv:1706.02515.
    """
    return ops.selu(x)


@suggesting
def celu(x: TensorLike, alpha: float = 1.0) -> AnyTensor:
    """max(x, 0) + min(alpha (exp(x / alpha) - 1), 0), an elu with a continuous slope.

    Args:
        x: tensor.
        alpha: number, minus the lower bound.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> [round(float(y), 3) for y in keras.activations.celu(keras.ops.array([-1.0, 2.0]))]
        [-0.632, 2.0]

    Reference:
        Barron, "Continuously Differentiable Exponential Linear Units", 2017, arXiv:1704.07483.
    """
    return ops.celu(x, alpha=alpha)


def exponential(x: TensorLike) -> AnyTensor:
    """The exponential exp(x).

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.exponential(keras.ops.array([0.0])).tolist()
        [1.0]
    """
    return ops.exp(x)


def sigmoid(x: TensorLike) -> AnyTensor:
    """1 / (1 + exp(-x)), between 0 and 1.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.sigmoid(keras.ops.array([0.0])).tolist()
        [0.5]
    """
    return ops.sigmoid(x)


def log_sigmoid(x: TensorLike) -> AnyTensor:
    """log(1 / (1 + exp(-x))), without overflow.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.activations.log_sigmoid(keras.ops.array([0.0]))[0]), 3)
        -0.693
    """
    return ops.log_sigmoid(x)


def tanh(x: TensorLike) -> AnyTensor:
    """The hyperbolic tangent, between -1 and 1.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.tanh(keras.ops.array([0.0])).tolist()
        [0.0]
    """
    return ops.tanh(x)


def tanh_shrink(x: TensorLike) -> AnyTensor:
    """`x - tanh(x)`.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.activations.tanh_shrink(keras.ops.array([1.0]))[0]), 3)
        0.238
    """
    return ops.tanh_shrink(x)


def softplus(x: TensorLike) -> AnyTensor:
    """log(1 + exp(x)), a smooth relu, without overflow.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.activations.softplus(keras.ops.array([0.0]))[0]), 3)
        0.693
    """
    return ops.softplus(x)


def softsign(x: TensorLike) -> AnyTensor:
    """`x / (1 + |x|)`, between -1 and 1.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.softsign(keras.ops.array([-1.0, 3.0])).tolist()
        [-0.5, 0.75]
    """
    return ops.softsign(x)


def squareplus(x: TensorLike, b: float = 4) -> AnyTensor:
    """(x + sqrt(x^2 + b)) / 2, a smooth relu.

    Args:
        x: tensor.
        b: number of 0 or more: how wide the bend is.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.squareplus(keras.ops.array([0.0])).tolist()
        [1.0]

    Reference:
        Barron, "Squareplus: A Softplus-Like Algebraic Rectifier", 2021, arXiv:2112.11687.
    """
    return ops.squareplus(x, b=b)


def silu(x: TensorLike) -> AnyTensor:
    """`x` times its sigmoid, also called swish.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.activations.silu(keras.ops.array([1.0]))[0]), 3)
        0.731

    Reference:
        Ramachandran et al., "Searching for Activation Functions", 2017, arXiv:1710.05941.
    """
    return ops.silu(x)


@suggesting
def gelu(x: TensorLike, approximate: bool = False) -> AnyTensor:
    """`x` times the chance that a standard normal number is below x.

    Args:
        x: tensor.
        approximate: bool, whether to use the formula with tanh instead of erf.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.activations.gelu(keras.ops.array([1.0]))[0]), 3)
        0.841

    Reference:
        Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016, arXiv:1606.08415.
    """
    return ops.gelu(x, approximate=approximate)


def mish(x: TensorLike) -> AnyTensor:
    """`x` times the tanh of its softplus.

    Args:
        x: tensor.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.activations.mish(keras.ops.array([1.0]))[0]), 3)
        0.865

    Reference:
        Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2019, arXiv:1908.08681.
    """
    x = ops.convert_to_tensor(x)
    return ops.multiply(x, ops.tanh(ops.softplus(x)))
