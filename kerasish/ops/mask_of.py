"""The mask that travels with a symbolic tensor, as a tensor of the graph."""

from __future__ import annotations

from kerasish.backend.graph import KerasTensor, Tensor, record
from kerasish.backend.masks import get_keras_mask
from kerasish.ops.operation import OpCall, operation
from kerasish.typing import AnyTensor


@operation
def mask_of(x: AnyTensor) -> AnyTensor:
    """The mask that travels with `x`, which has one."""
    return get_keras_mask(x)


def give_mask(output: KerasTensor, mask: Tensor) -> None:
    """Let a symbolic output have a mask of the shape of `mask`: a tensor that layers, ops and models can be given."""
    output._keras_mask = record(OpCall(mask_of, {}, f"{output.name}_mask"), (output,), {}, mask)
    output._keras_mask.name = f"{output.name}_mask"
