"""Multiply and `multiply`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import ops
from kerasish.layers.merging.base_merge import Merge, kept_elements
from kerasish.suggestions import suggesting
from kerasish.typing import TensorLike


class Multiply(Merge):
    """The product of a list of tensors, element by element.

    A masked step counts as 1, so that it leaves the other inputs as they are; where all are masked the product is 0.

    Args:
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.Multiply()([keras.ops.ones((1,)), keras.ops.ones((1,))]).tolist()
    [1.0]
    """

    def pair(self, a: TensorLike, b: TensorLike) -> Any:
        return ops.multiply(a, b)

    def combine(self, tensors: Sequence[Any]) -> Any:
        masks = [kept_elements(t) for t in tensors]
        total = super().combine(
            [t if kept is None else ops.where(kept, t, ops.ones_like(t)) for t, kept in zip(tensors, masks)]
        )
        if any(kept is None for kept in masks):
            return total
        anywhere = masks[0]
        for kept in masks[1:]:
            anywhere = ops.logical_or(anywhere, kept)
        return ops.where(anywhere, total, ops.zeros_like(total))


@suggesting
def multiply(inputs: Any, **kwargs: Any) -> Any:
    """`Multiply(**kwargs)(inputs)`.

    Args:
        inputs: list of tensors.
        **kwargs: arguments of the layer.

    >>> import kerasish as keras
    >>> keras.layers.multiply([keras.ops.ones((1,)), keras.ops.ones((1,))]).tolist()
    [1.0]
    """
    return Multiply(**kwargs)(inputs)
