"""How windows lie over the axes of space: what the shape rules of convolutions and pools share.

Values are (batch, *space, channels).
"""

from __future__ import annotations

from typing import Any

from kerasish.backend.sizes import largest, unlike_shapes
from kerasish.typing import IntOrInts


def span(size: IntOrInts, dilation: int) -> Any:
    """How far a window of `size` points, `dilation` apart, reaches."""
    return (size - 1) * dilation + 1


def count(size: IntOrInts, window: Any, stride: IntOrInts, padding: str, dilation: int = 1) -> Any:
    """The number of windows along one axis; None where a size is unknown.

    `padding` is a pair, points added before and after (negative: cut off).
    """
    if size is None or window is None:
        return None
    return largest(0, (size + sum(padding) - span(window, dilation)) // stride + 1)


def counts(space: Any, window: Any, strides: IntOrInts, padding: str, dilation: int) -> tuple[Any, ...]:
    """The number of windows along each axis of space."""
    return tuple(count(*axis) for axis in zip(space, window, strides, padding, dilation))


def check(name: str, rank: int, **parameters: Any) -> None:
    """Raise ValueError unless every parameter has one positive int (`padding`: a pair) an axis of space."""
    for key, values in parameters.items():
        fits = len(values) == rank and all(len(v) == 2 if key == "padding" else v >= 1 for v in values)
        if not fits:
            kind = "a pair of ints" if key == "padding" else "a positive int"
            raise ValueError(
                f"`{key}` of `{name}` must have {kind} for each of {rank} axes of space, got {tuple(values)}."
            )


def check_equal(name: str, what: str, found: Any, wanted: Any) -> None:
    """Raise ValueError unless the shapes agree where both are known."""
    if unlike_shapes(found, wanted):
        raise ValueError(f"`{what}` of `{name}` must have shape {tuple(wanted)}, got {tuple(found)}.")
