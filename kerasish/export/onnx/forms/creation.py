"""Values from nothing but attributes."""

from __future__ import annotations

from typing import Any

from kerasish.backend.sizes import is_open
from kerasish.export.onnx.forms.words import primitive


@primitive("full")
def full(g: Any, shape: Any, value: Any, dtype: str) -> Any:
    """One number in all places."""
    number = g.constant(value, dtype)
    return g.op("Expand", number, g.vector(shape), dtype=dtype, shape=shape) if shape else number


@primitive("arange")
def arange(g: Any, start: Any, step: Any, size: Any, dtype: str) -> Any:
    """Start, start + step, ...: as ints or floats of full width, and then made `dtype`."""
    whole = all(is_open(x) or isinstance(x, int) for x in (start, step))
    wide = "int64" if whole else "float64"

    def scalar(x):
        return g.cast(g.sizes.scalar(x), wide) if is_open(x) else g.constant(x, wide)

    places = g.op("Range", *(g.sizes.scalar(x) for x in (0, size, 1)), dtype="int64", shape=(size,))
    counted = g.elementwise("Mul", g.cast(places, wide), scalar(step))
    return g.cast(g.elementwise("Add", counted, scalar(start)), dtype)
