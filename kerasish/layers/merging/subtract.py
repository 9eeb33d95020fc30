"""Subtract and `subtract`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import ops
from kerasish.layers.merging.base_merge import Merge
from kerasish.suggestions import suggesting


class Subtract(Merge):
    """The first minus the second of a list of tensors (exactly two), element by element.

    Args:
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.Subtract()([keras.ops.ones((1,)), keras.ops.ones((1,))]).tolist()
    [0.0]
    """

    def combine(self, tensors: Sequence[Any]) -> Any:
        if len(tensors) != 2:
            raise ValueError(f"A Subtract layer is called on exactly 2 inputs, got {len(tensors)}.")
        return ops.subtract(*tensors)


@suggesting
def subtract(inputs: Any, **kwargs: Any) -> Any:
    """`Subtract(**kwargs)(inputs)`.

    Args:
        inputs: list of two tensors.
        **kwargs: arguments of the layer.

    >>> import kerasish as keras
    >>> keras.layers.subtract([keras.ops.ones((1,)), keras.ops.ones((1,))]).tolist()
    [0.0]
    """
    return Subtract(**kwargs)(inputs)
