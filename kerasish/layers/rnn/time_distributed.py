"""TimeDistributed."""

from kerasish import ops
from kerasish.layers.base.call_arguments import call_signature
from kerasish.layers.core.wrapper import Wrapper


class TimeDistributed(Wrapper):
    """The layer inside, applied to each step: steps and samples are put in one axis, so that it runs once.

    Args:
        layer: a layer (or model) of one input.

    Input: (batch, steps, ...). Output: (batch, steps, ...). Masked steps give what the layer gives; their mask goes on.

    >>> import kerasish as keras
    >>> keras.layers.TimeDistributed(keras.layers.Dense(3))(keras.ops.ones((2, 5, 4))).shape
    (2, 5, 3)
    """

    def __init__(self, layer, **kwargs):
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def build(self, input_shape):
        if not isinstance(input_shape, (tuple, list)) or len(input_shape) < 3:
            raise ValueError(f"`TimeDistributed` needs inputs of 3 axes or more, (batch, steps, ...); got shape {input_shape}.")
        super().build((input_shape[0], *input_shape[2:]))

    def call(self, inputs, training=None, mask=None):
        batch, steps, *rest = inputs.shape
        joined = ops.reshape(inputs, (-1 if None in (batch, steps) else batch * steps, *rest))
        outputs = self.layer(joined, **({"training": training} if training is not None and _takes(self.layer, "training") else {}))
        return ops.reshape(outputs, (-1 if batch is None else batch, -1 if steps is None else steps, *outputs.shape[1:]))

    def compute_mask(self, inputs, mask=None):
        """The mask of the steps."""
        return mask


def _takes(layer, name):
    return name in call_signature(type(layer).call).names
