"""Softmax."""

from kerasish import activations, ops
from kerasish.layers.base.layer import Layer

_HIDDEN = {"float16": -3e4}


class Softmax(Layer):
    """Positive numbers that sum to 1 along `axis` (int or list of ints). Elements whose `mask` is False get (almost) nothing.

    >>> import kerasish as keras
    >>> keras.layers.Softmax()(keras.ops.zeros((1, 2))).tolist()
    [[0.5, 0.5]]
    """

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True

    def call(self, inputs, mask=None):
        if mask is not None:
            inputs = inputs + (1.0 - ops.cast(mask, inputs.dtype)) * _HIDDEN.get(str(inputs.dtype), -1e9)
        if isinstance(self.axis, (tuple, list)) and len(self.axis) > 1:
            return ops.exp(inputs - ops.logsumexp(inputs, axis=tuple(self.axis), keepdims=True))
        outputs = activations.softmax(inputs, axis=self.axis if isinstance(self.axis, int) else self.axis[0])
        return outputs if mask is None else outputs * ops.cast(mask, outputs.dtype)

    def get_config(self):
        return {**super().get_config(), "axis": self.axis}
