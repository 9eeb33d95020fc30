"""Activations that look along an axis: softmax and its kin, gated units."""

from __future__ import annotations

from kerasish import ops
from kerasish.suggestions import suggesting
from kerasish.typing import AnyTensor, IntOrInts, TensorLike


@suggesting
def softmax(x: TensorLike, axis: IntOrInts = -1) -> AnyTensor:
    """exp(x) / sum(exp(x)) over `axis`: positive values of sum 1.

    Args:
        x: tensor.
        axis: int or several, over which the values sum to 1.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.softmax(keras.ops.array([[1.0, 1.0]])).tolist()
        [[0.5, 0.5]]
    """
    return ops.softmax(x, axis=axis)


@suggesting
def log_softmax(x: TensorLike, axis: IntOrInts = -1) -> AnyTensor:
    """The logarithm of the softmax: x - log(sum(exp(x))) over `axis`.

    Args:
        x: tensor.
        axis: int or several.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.activations.log_softmax(keras.ops.array([[1.0, 1.0]]))[0, 0]), 3)
        -0.693
    """
    return ops.log_softmax(x, axis=axis)


@suggesting
def sparsemax(x: TensorLike, axis: int = -1) -> AnyTensor:
    """The point of the probability simplex nearest to x, in which small values become 0.

    Args:
        x: tensor.
        axis: int, of a known size.

    Returns:
        Float tensor of the shape of `x`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.sparsemax(keras.ops.array([[3.0, 1.0, 0.0]])).tolist()
        [[1.0, 0.0, 0.0]]

    Reference:
        Martins and Astudillo, "From Softmax to Sparsemax", 2016, arXiv:1602.02068.
    """
    return ops.sparsemax(x, axis=axis)


@suggesting
def glu(x: TensorLike, axis: int = -1) -> AnyTensor:
    """The first half of x times the sigmoid of the second.

    Args:
        x: tensor of even size along `axis`.
        axis: int, along which x is cut in halves.

    Returns:
        Float tensor with half the size along `axis`.

    Raises:
        ValueError: when the size of `axis` is odd.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.glu(keras.ops.array([[3.0, 0.0]])).tolist()
        [[1.5]]

    Reference:
        Dauphin et al., "Language Modeling with Gated Convolutional Networks", 2016, arXiv:1612.08083.
    """
    return ops.glu(x, axis=axis)
