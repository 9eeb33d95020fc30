"""Average and `average`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import ops
from kerasish.layers.merging.base_merge import Merge
from kerasish.suggestions import suggesting
from kerasish.typing import TensorLike


class Average(Merge):
    """The mean of a list of tensors, element by element.

    Args:
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.Average()([keras.ops.ones((1,)), keras.ops.ones((1,))]).tolist()
    [1.0]
    """

    def pair(self, a: TensorLike, b: TensorLike) -> Any:
        return ops.add(a, b)

    def combine(self, tensors: Sequence[Any]) -> Any:
        return super().combine(tensors) / len(tensors)


@suggesting
def average(inputs: Any, **kwargs: Any) -> Any:
    """`Average(**kwargs)(inputs)`.

    Args:
        inputs: list of tensors.
        **kwargs: arguments of the layer.

    >>> import kerasish as keras
    >>> keras.layers.average([keras.ops.ones((1,)), keras.ops.ones((1,))]).tolist()
    [1.0]
    """
    return Average(**kwargs)(inputs)
