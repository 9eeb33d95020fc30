"""Random order."""

from __future__ import annotations

from kerasish.backend.primitives import p
from kerasish.backend.primitives.shapes import normalize_axis
from kerasish.ops.convert import value_of
from kerasish.ops.operation import operation
from kerasish.random.bits import random_bits
from kerasish.typing import AnyTensor, SeedLike, TensorLike


@operation
def shuffle(x: TensorLike, axis: int = 0, seed: SeedLike = None) -> AnyTensor:
    """The slices of `x` along `axis` in random order.

    Each slice stays whole, so equal seeds shuffle data and labels alike.

    Args:
        x: tensor.
        axis: int, along which the slices lie.
        seed: int (the same order each time), `SeedGenerator` (another each time) or None (the global generator).

    Returns:
        Tensor of the shape and dtype of `x`.

    Example:
        >>> import kerasish as keras
        >>> sorted(keras.random.shuffle([1, 2, 3], seed=1).tolist())
        [1, 2, 3]
    """
    x = value_of(x)
    axis = normalize_axis(axis, len(x.shape))
    order = p.argsort(random_bits(seed, (x.shape[axis],)), axis=0)
    return p.take(x, order, axis=axis)
