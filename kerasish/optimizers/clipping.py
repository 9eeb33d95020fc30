"""Gradients held within bounds, before an optimizer uses them."""

from __future__ import annotations

from collections.abc import Sequence

from kerasish import ops
from kerasish.typing import AnyTensor, TensorLike


def clip_by_norm(gradient: TensorLike, limit: float) -> AnyTensor:
    """`gradient`, scaled down so that its L2 norm is at most `limit`.

    Args:
        gradient: tensor.
        limit: float.

    Returns:
        Tensor like `gradient`.
    """
    return ops.multiply(gradient, _factor(ops.sqrt(ops.sum(ops.square(gradient))), limit))


def global_norm(gradients: Sequence[TensorLike]) -> AnyTensor:
    """The L2 norm of all gradients taken as one vector, a scalar."""
    squares = [ops.sum(ops.square(gradient)) for gradient in gradients]
    total = squares[0]
    for square in squares[1:]:
        total = ops.add(total, square)
    return ops.sqrt(total)


def clip_by_global_norm(gradients: Sequence[TensorLike], limit: float) -> list[AnyTensor]:
    """The gradients, scaled by one factor so that their global norm is at most `limit`; NaN where it is infinite."""
    norm = global_norm(gradients)
    # norm - norm is 0, but NaN for an infinite norm: a step that blew up must be seen, not scaled to a harmless one.
    factor = ops.add(_factor(norm, limit), ops.subtract(norm, norm))
    return [ops.multiply(gradient, factor) for gradient in gradients]


def clip_by_value(gradient: TensorLike, limit: float) -> AnyTensor:
    """`gradient` with its elements held between -limit and limit.

    Args:
        gradient: tensor.
        limit: float.

    Returns:
        Tensor like `gradient`.
    """
    return ops.clip(gradient, -limit, limit)


def _factor(norm, limit):
    return ops.divide(limit, ops.maximum(norm, limit))
