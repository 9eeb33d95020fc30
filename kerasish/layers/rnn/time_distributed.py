"""TimeDistributed."""

from __future__ import annotations

from typing import Any

from kerasish import ops, tree
from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.sizes import unlike
from kerasish.layers.base.call_arguments import call_signature
from kerasish.layers.core.wrapper import Wrapper
from kerasish.ops.convert import dtype_of
from kerasish.typing import ShapeLike


class TimeDistributed(Wrapper):
    """The layer inside, applied to each step.

    Steps and samples are put in one axis, so that it runs once (batch statistics are of all steps together).

    Args:
        layer: a layer (or model) of one input.
        **kwargs: those of `Layer`: `name`, `dtype`, `trainable`, ...

    Input shape:
        (batch, steps, ...).

    Output shape:
        (batch, steps, ...). A mask of the steps goes on to the outputs. The layer inside gets the mask too where
        its `call` takes one.

    >>> import kerasish as keras
    >>> keras.layers.TimeDistributed(keras.layers.Dense(3))(keras.ops.ones((2, 5, 4))).shape
    (2, 5, 3)
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def build(self, input_shape: ShapeLike) -> None:
        if not isinstance(input_shape, (tuple, list)) or len(input_shape) < 3:
            raise ValueError(
                f"`TimeDistributed` needs inputs of 3 axes or more, (batch, steps, ...); got shape {input_shape}."
            )
        super().build((input_shape[0], *input_shape[2:]))

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        extra = {}
        if mask is not None:
            self._check_mask(mask.shape, inputs.shape)
            if call_signature(type(self.layer).call).takes_mask:
                extra["mask"] = _joined(mask)
        outputs = self.layer(_joined(inputs), **extra)
        return tree.map_structure(lambda x: self._spread(x, inputs.shape[:2]), outputs)

    def _spread(self, output, batch_and_steps):
        """Batch and steps in two axes again, in the dtype of this layer, which may not be that of the one inside."""
        output = ops.reshape(output, (*batch_and_steps, *output.shape[1:]))
        return ops.cast(output, self.compute_dtype) if is_float_dtype(dtype_of(output)) else output

    def _check_mask(self, mask, inputs):
        if len(mask) < 2 or any(map(unlike, mask[:2], inputs[:2])):
            raise ValueError(
                f"The mask of {self.name!r} must begin with the batch and the steps of the inputs, "
                f"{tuple(inputs[:2])}, got shape {tuple(mask)}."
            )


def _joined(x):
    """`x` with batch and steps in one axis."""
    batch, steps, *rest = x.shape
    return ops.reshape(x, (batch * steps, *rest))
