"""Add and `add`."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.merging.base_merge import Merge
from kerasish.suggestions import suggesting
from kerasish.typing import TensorLike


class Add(Merge):
    """The sum of a list of tensors, element by element.

    Args:
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.Add()([keras.ops.ones((1,)), keras.ops.ones((1,))]).tolist()
    [2.0]
    """

    def pair(self, a: TensorLike, b: TensorLike) -> Any:
        return ops.add(a, b)


@suggesting
def add(inputs: Any, **kwargs: Any) -> Any:
    """`Add(**kwargs)(inputs)`.

    Args:
        inputs: list of tensors.
        **kwargs: arguments of the layer.

    >>> import kerasish as keras
    >>> keras.layers.add([keras.ops.ones((1,)), keras.ops.ones((1,))]).tolist()
    [2.0]
    """
    return Add(**kwargs)(inputs)
