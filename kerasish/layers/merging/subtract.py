"""Subtract and `subtract`."""

from kerasish import ops
from kerasish.layers.merging.base_merge import Merge


class Subtract(Merge):
    """The first minus the second of a list of tensors (exactly two), element by element.

    >>> import kerasish as keras
    >>> keras.layers.Subtract()([keras.ops.ones((1,)), keras.ops.ones((1,))]).tolist()
    [0.0]
    """

    def combine(self, tensors):
        if len(tensors) != 2:
            raise ValueError(f"A Subtract layer is called on exactly 2 inputs, got {len(tensors)}.")
        return ops.subtract(*tensors)


def subtract(inputs, **kwargs):
    """`Subtract(**kwargs)(inputs)`.

    >>> import kerasish as keras
    >>> keras.layers.subtract([keras.ops.ones((1,)), keras.ops.ones((1,))]).tolist()
    [0.0]
    """
    return Subtract(**kwargs)(inputs)
