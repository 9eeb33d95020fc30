"""Average and `average`."""

from kerasish import ops
from kerasish.layers.merging.base_merge import Merge


class Average(Merge):
    """The mean of a list of tensors, element by element.

    >>> import kerasish as keras
    >>> keras.layers.Average()([keras.ops.ones((1,)), keras.ops.ones((1,))]).tolist()
    [1.0]
    """

    def pair(self, a, b):
        return ops.add(a, b)

    def combine(self, tensors):
        return super().combine(tensors) / len(tensors)


def average(inputs, **kwargs):
    """`Average(**kwargs)(inputs)`.

    >>> import kerasish as keras
    >>> keras.layers.average([keras.ops.ones((1,)), keras.ops.ones((1,))]).tolist()
    [1.0]
    """
    return Average(**kwargs)(inputs)
