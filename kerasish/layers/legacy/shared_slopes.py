"""Weights that are learnt for each feature of the inputs, and shared along some axes."""

from __future__ import annotations

from typing import Any

from kerasish.typing import Axis, ShapeLike


def slope_shape(input_shape: ShapeLike, shared_axes: Axis, name: str) -> tuple[Any, ...]:
    """The shape of such a weight: that of a sample, with 1 along the shared axes (counted with the batch).

    Args:
        input_shape: shape with the batch.
        shared_axes: int, ints or None.
        name: the layer's, for the message.

    Raises:
        ValueError: where the size of an axis that is not shared is unknown.
    """
    shared = set(shared_axes if isinstance(shared_axes, (list, tuple)) else [shared_axes])
    shape = tuple(1 if axis in shared else size for axis, size in enumerate(input_shape) if axis)
    if None in shape:
        raise ValueError(
            f"{name!r} learns a number for each feature, and so needs to know the sizes of all axes that are not in "
            f"`shared_axes`={shared_axes}; the input shape is {tuple(input_shape)}."
        )
    return shape
