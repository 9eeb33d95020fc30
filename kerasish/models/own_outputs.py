"""What a model gives is not what it was given: a write into its outputs does not reach the caller's data."""

from __future__ import annotations

from typing import Any

from kerasish import tree
from kerasish.backend.device import device
from kerasish.backend.masks import get_keras_mask, set_keras_mask


def apart_from(arguments: Any, outputs: Any) -> Any:
    """The outputs of a call on values, with copies of those that are an array of the arguments, or a view of one.

    Args:
        arguments, outputs: structures of arrays and of anything else.
    """
    on = device()
    given = [x for x in tree.flatten(arguments) if on.is_array(x)]

    def apart(output):
        if not on.is_array(output) or not any(on.may_share(output, x) for x in given):
            return output
        copy, mask = on.copy(output), get_keras_mask(output)
        if mask is not None:
            set_keras_mask(copy, mask)
        return copy

    return tree.map_structure(apart, outputs)
