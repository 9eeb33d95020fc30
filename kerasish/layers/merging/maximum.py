"""Maximum and `maximum`."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.merging.base_merge import ExtremeMerge
from kerasish.suggestions import suggesting
from kerasish.typing import TensorLike


class Maximum(ExtremeMerge):
    """The largest of a list of tensors, element by element. Where one is masked, the others decide.

    Args:
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    >>> import kerasish as keras
    >>> keras.layers.Maximum()([keras.ops.ones((1,)), keras.ops.ones((1,))]).tolist()
    [1.0]
    """

    def pair(self, a: TensorLike, b: TensorLike) -> Any:
        return ops.maximum(a, b)


@suggesting
def maximum(inputs: Any, **kwargs: Any) -> Any:
    """`Maximum(**kwargs)(inputs)`.

    Args:
        inputs: list of tensors.
        **kwargs: arguments of the layer.

    >>> import kerasish as keras
    >>> keras.layers.maximum([keras.ops.ones((1,)), keras.ops.ones((1,))]).tolist()
    [1.0]
    """
    return Maximum(**kwargs)(inputs)
