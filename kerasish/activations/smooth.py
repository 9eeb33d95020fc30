"""Activations that are smooth (or nearly so): exponential units, sigmoids, soft rectifiers."""

from __future__ import annotations

from kerasish import ops
from kerasish.typing import AnyTensor, TensorLike


def elu(x: TensorLike, alpha: float = 1.0) -> AnyTensor:
    """`x` where positive, alpha (exp(x) - 1) elsewhere (Clevert et al., 2015, arXiv:1511.07289).

    Args:
        x: tensor.
        alpha: float, minus the lower bound.

    >>> import kerasish as keras
    >>> [round(float(y), 3) for y in keras.activations.elu(keras.ops.array([-1.0, 2.0]))]
    [-0.632, 2.0]
    """
    return ops.elu(x, alpha=alpha)


def selu(x: TensorLike) -> AnyTensor:
    """1.0507 elu(x, 1.6733): keeps mean 0, variance 1 from layer to layer (Klambauer et al., 2017, arXiv:1706.02515).

    >>> import kerasish as keras
    >>> [round(float(y), 3) for y in keras.activations.selu(keras.ops.array([-1.0, 1.0]))]
    [-1.111, 1.051]
    """
    return ops.selu(x)


def celu(x: TensorLike, alpha: float = 1.0) -> AnyTensor:
    """max(x, 0) + min(alpha (exp(x / alpha) - 1), 0) (Barron, 2017, arXiv:1704.07483).

    Args:
        x: tensor.
        alpha: float, minus the lower bound.

    >>> import kerasish as keras
    >>> [round(float(y), 3) for y in keras.activations.celu(keras.ops.array([-1.0, 2.0]))]
    [-0.632, 2.0]
    """
    return ops.celu(x, alpha=alpha)


def exponential(x: TensorLike) -> AnyTensor:
    """exp(x).

    >>> import kerasish as keras
    >>> keras.activations.exponential(keras.ops.array([0.0])).tolist()
    [1.0]
    """
    return ops.exp(x)


def sigmoid(x: TensorLike) -> AnyTensor:
    """1 / (1 + exp(-x)).

    >>> import kerasish as keras
    >>> keras.activations.sigmoid(keras.ops.array([0.0])).tolist()
    [0.5]
    """
    return ops.sigmoid(x)


def log_sigmoid(x: TensorLike) -> AnyTensor:
    """log(1 / (1 + exp(-x))).

    >>> import kerasish as keras
    >>> round(float(keras.activations.log_sigmoid(keras.ops.array([0.0]))[0]), 3)
    -0.693
    """
    return ops.log_sigmoid(x)


def tanh(x: TensorLike) -> AnyTensor:
    """The hyperbolic tangent.

    >>> import kerasish as keras
    >>> keras.activations.tanh(keras.ops.array([0.0])).tolist()
    [0.0]
    """
    return ops.tanh(x)


def tanh_shrink(x: TensorLike) -> AnyTensor:
    """`x - tanh(x)`.

    >>> import kerasish as keras
    >>> round(float(keras.activations.tanh_shrink(keras.ops.array([1.0]))[0]), 3)
    0.238
    """
    return ops.tanh_shrink(x)


def softplus(x: TensorLike) -> AnyTensor:
    """log(1 + exp(x)).

    >>> import kerasish as keras
    >>> round(float(keras.activations.softplus(keras.ops.array([0.0]))[0]), 3)
    0.693
    """
    return ops.softplus(x)


def softsign(x: TensorLike) -> AnyTensor:
    """`x / (1 + |x|)`.

    >>> import kerasish as keras
    >>> keras.activations.softsign(keras.ops.array([-1.0, 3.0])).tolist()
    [-0.5, 0.75]
    """
    return ops.softsign(x)


def squareplus(x: TensorLike, b: TensorLike = 4) -> AnyTensor:
    """(x + sqrt(x^2 + b)) / 2 (Barron, 2021, arXiv:2112.11687).

    Args:
        x: tensor.
        b: float, how wide the bend is.

    >>> import kerasish as keras
    >>> keras.activations.squareplus(keras.ops.array([0.0])).tolist()
    [1.0]
    """
    return ops.squareplus(x, b=b)


def silu(x: TensorLike) -> AnyTensor:
    """`x sigmoid(x)`, also called swish (Ramachandran et al., 2017, arXiv:1710.05941).

    >>> import kerasish as keras
    >>> round(float(keras.activations.silu(keras.ops.array([1.0]))[0]), 3)
    0.731
    """
    return ops.silu(x)


def gelu(x: TensorLike, approximate: bool = False) -> AnyTensor:
    """`x cdf(x)`, with the distribution function of the unit normal (Hendrycks and Gimpel, 2016, arXiv:1606.08415).

    Args:
        x: tensor.
        approximate: whether to use the formula with tanh instead of erf.

    >>> import kerasish as keras
    >>> round(float(keras.activations.gelu(keras.ops.array([1.0]))[0]), 3)
    0.841
    """
    return ops.gelu(x, approximate=approximate)


def mish(x: TensorLike) -> AnyTensor:
    """`x tanh(softplus(x))` (Misra, 2019, arXiv:1908.08681).

    >>> import kerasish as keras
    >>> round(float(keras.activations.mish(keras.ops.array([1.0]))[0]), 3)
    0.865
    """
    x = ops.convert_to_tensor(x)
    return ops.multiply(x, ops.tanh(ops.softplus(x)))
