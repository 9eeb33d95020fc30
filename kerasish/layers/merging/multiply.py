"""Multiply and `multiply`."""

from kerasish import ops
from kerasish.backend.masks import get_keras_mask
from kerasish.layers.merging.base_merge import Merge


class Multiply(Merge):
    """The product of a list of tensors, element by element.

    >>> import kerasish as keras
    >>> keras.layers.Multiply()([keras.ops.ones((1,)), keras.ops.ones((1,))]).tolist()
    [1.0]
    """

    def pair(self, a, b):
        return ops.multiply(a, b)

    def combine(self, tensors):
        """Masked steps count as 1, so that they leave the other inputs as they are."""
        masks = [get_keras_mask(t) for t in tensors]
        return super().combine([t if m is None else _ones_where_masked(t, m) for t, m in zip(tensors, masks)])


def multiply(inputs, **kwargs):
    """`Multiply(**kwargs)(inputs)`

    >>> import kerasish as keras
    >>> keras.layers.multiply([keras.ops.ones((1,)), keras.ops.ones((1,))]).tolist()
    [1.0]
    """
    return Multiply(**kwargs)(inputs)


def _ones_where_masked(tensor, mask):
    mask = ops.reshape(mask, (*mask.shape, *[1] * (len(tensor.shape) - len(mask.shape))))
    return ops.where(mask, tensor, ops.ones_like(tensor))
