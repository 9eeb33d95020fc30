"""Activations that look along an axis: softmax and its kin, gated units."""

from __future__ import annotations

from kerasish import ops
from kerasish.typing import AnyTensor, TensorLike


def softmax(x: TensorLike, axis: int = -1) -> AnyTensor:
    """exp(x) / sum(exp(x)) over `axis`: positive values of sum 1.

    Args:
        x: tensor.
        axis: int or tuple of ints.

    >>> import kerasish as keras
    >>> keras.activations.softmax(keras.ops.array([[1.0, 1.0]])).tolist()
    [[0.5, 0.5]]
    """
    return ops.softmax(x, axis=axis)


def log_softmax(x: TensorLike, axis: int = -1) -> AnyTensor:
    """`x - log(sum(exp(x)))` over `axis`.

    Args:
        x: tensor.
        axis: int or tuple of ints.

    >>> import kerasish as keras
    >>> round(float(keras.activations.log_softmax(keras.ops.array([[1.0, 1.0]]))[0, 0]), 3)
    -0.693
    """
    return ops.log_softmax(x, axis=axis)


def sparsemax(x: TensorLike, axis: int = -1) -> AnyTensor:
    """The point of the probability simplex nearest to x, in which small values become 0.

    Source: Martins and Astudillo, 2016, arXiv:1602.02068.

    Args:
        x: tensor.
        axis: int.

    >>> import kerasish as keras
    >>> keras.activations.sparsemax(keras.ops.array([[3.0, 1.0, 0.0]])).tolist()
    [[1.0, 0.0, 0.0]]
    """
    return ops.sparsemax(x, axis=axis)


def glu(x: TensorLike, axis: int = -1) -> AnyTensor:
    """`a sigmoid(b)`, with a and b the halves of x along `axis` (Dauphin et al., 2016, arXiv:1612.08083).

    Args:
        x: tensor of even size along `axis`.
        axis: int.

    >>> import kerasish as keras
    >>> keras.activations.glu(keras.ops.array([[3.0, 0.0]])).tolist()
    [[1.5]]
    """
    return ops.glu(x, axis=axis)
