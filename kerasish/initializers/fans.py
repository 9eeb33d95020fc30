"""How many inputs and outputs a unit of a weight has."""

from __future__ import annotations

import math

from kerasish.typing import IntOrInts, ShapeLike


def compute_fans(
    shape: ShapeLike, input_axes: IntOrInts | None = None, output_axes: IntOrInts | None = None
) -> tuple[int, int]:
    """The numbers of inputs and outputs that a weight joins, (fan_in, fan_out).

    Args:
        shape: tuple of ints: (inputs, outputs) of a Dense kernel, (*window, inputs, outputs) of a convolution's.
        input_axes: int or several, the axes of the inputs; None, with `output_axes`, for the last but one.
        output_axes: int or several, the axes of the outputs; None, with `input_axes`, for the last.

    Returns:
        (fan_in, fan_out).

    Example:
        >>> from kerasish.initializers.fans import compute_fans
        >>> compute_fans((3, 3, 16, 32))
        (144, 288)
    """
    shape = tuple(shape)
    if input_axes is not None and output_axes is not None:
        return _product(shape, input_axes), _product(shape, output_axes)
    if not shape:
        return 1, 1
    if len(shape) == 1:
        return int(shape[0]), int(shape[0])
    window = math.prod(shape[:-2])
    return int(shape[-2] * window), int(shape[-1] * window)


def _product(shape, axes):
    axes = (axes,) if isinstance(axes, int) else axes
    return int(math.prod(shape[axis] for axis in axes))
