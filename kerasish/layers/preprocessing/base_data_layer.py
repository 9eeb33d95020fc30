"""What layers that prepare data share."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.layers.base.layer import Layer


class DataLayer(Layer):
    """A layer that takes plain numbers and lists of numbers as well as arrays and tensors."""

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        return super().__call__(_as_tensor(inputs), *args, **kwargs)


def _as_tensor(inputs):
    """A number or a nested list of numbers as a tensor; everything else as it is."""
    item = inputs
    while isinstance(item, (list, tuple)) and item:
        item = item[0]
    return ops.convert_to_tensor(inputs) if isinstance(item, (int, float)) else inputs
