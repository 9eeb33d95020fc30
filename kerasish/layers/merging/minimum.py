"""Minimum and `minimum`."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.merging.base_merge import ExtremeMerge
from kerasish.suggestions import suggesting
from kerasish.typing import TensorLike


class Minimum(ExtremeMerge):
    """The smallest of a list of tensors, element by element. Where one is masked, the others decide.

    Args:
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.Minimum()([keras.ops.ones((1,)), keras.ops.ones((1,))]).tolist()
    [1.0]
    """

    def pair(self, a: TensorLike, b: TensorLike) -> Any:
        return ops.minimum(a, b)


@suggesting
def minimum(inputs: Any, **kwargs: Any) -> Any:
    """`Minimum(**kwargs)(inputs)`.

    Args:
        inputs: list of tensors.
        **kwargs: arguments of the layer.

    >>> import kerasish as keras
    >>> keras.layers.minimum([keras.ops.ones((1,)), keras.ops.ones((1,))]).tolist()
    [1.0]
    """
    return Minimum(**kwargs)(inputs)
