"""A layer that is measured as models are."""

import numpy


class LayerAlone:
    """A layer with the words of a model that the worker uses.

    Args:
        apply: function from a batch to what the layer makes of it.
    """

    def __init__(self, apply):
        self._apply = apply

    def count_params(self):
        return 0

    def predict(self, x, batch_size, verbose):
        return numpy.asarray(self._apply(x))
