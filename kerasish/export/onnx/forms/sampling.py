"""Values of a grid at places between its points, by gathers."""

from __future__ import annotations

from itertools import product as pairs
from typing import Any

from kerasish.backend.primitives.sampling import FARTHEST
from kerasish.export.onnx.forms.words import primitive


@primitive("sample")
def sample(g: Any, x: Any, *points: Any, order: int, mode: str, fill: float) -> Any:
    """`x` (batch, *space, channels) at points (batch, places...), one operand for each axis of space."""
    batch, *space, channels = x.shape
    axes = [_neighbours(g, place, size, order, mode) for place, size in zip(points, space)]
    count = g.count((batch, *space))
    rows = g.reshape(x, (count, channels))
    first = g.op("Range", *(g.sizes.scalar(n) for n in (0, batch, 1)), dtype="int64", shape=(batch,))
    first = g.reshape(first, (batch, *[1] * (points[0].rank - 1)))
    total = None
    for corner in pairs(range(order + 1), repeat=len(points)):
        flat, inside, weight = first, None, None
        for which, axis, size in zip(corner, axes, space):
            index, within, share = axis[which]
            flat = g.elementwise("Add", g.elementwise("Mul", flat, g.sizes.scalar(size)), index)
            if within is not None:
                inside = within if inside is None else g.elementwise("And", inside, within)
            if share is not None:
                weight = share if weight is None else g.elementwise("Mul", weight, share)
        value = g.op("Gather", rows, flat, axis=0, shape=(*flat.shape, channels))
        if inside is not None:
            edge = g.constant(fill, x.dtype)
            value = g.elementwise("Where", g.reshape(inside, (*inside.shape, 1)), value, edge, dtype=x.dtype)
        if weight is not None:
            value = g.elementwise("Mul", value, g.reshape(weight, (*weight.shape, 1)))
        total = value if total is None else g.elementwise("Add", total, value)
    return total


def _neighbours(g, place, size, order, mode):
    """For each neighbour along one axis: (index, whether it is a point of the grid or None, weight or None)."""
    known = g.elementwise("Where", g.elementwise("IsNaN", place, dtype="bool"), 0.0, place, dtype=place.dtype)
    near = g.elementwise("Min", g.elementwise("Max", known, -FARTHEST), FARTHEST)
    if order == 0:
        away = g.elementwise("Floor", g.elementwise("Add", g.elementwise("Abs", near), 0.5))
        return [
            (*_folded(g, g.cast(g.elementwise("Mul", g.elementwise("Sign", near), away), "int64"), size, mode), None)
        ]
    floor = g.elementwise("Floor", near)
    lower = g.cast(floor, "int64")
    above = g.elementwise("Sub", place, g.elementwise("Floor", place))
    pair = (
        (lower, g.elementwise("Sub", g.constant(1, place.dtype), above)),
        (g.elementwise("Add", lower, 1), above),
    )
    return [(*_folded(g, index, size, mode), weight) for index, weight in pair]


def _folded(g, index, size, mode):
    """(index within the grid, whether it was)."""
    scalar = g.sizes.scalar
    if mode == "wrap":
        return g.elementwise("Mod", index, scalar(size)), None
    if mode in ("mirror", "reflect"):
        period = scalar(2 * size) if mode == "reflect" else g.elementwise("Max", scalar(2 * size - 2), 1)
        last = scalar(2 * size - 1) if mode == "reflect" else period
        index = g.elementwise("Mod", index, period)
        nearer = g.elementwise("Min", index, g.elementwise("Sub", last, index))
        return g.elementwise("Min", nearer, scalar(size - 1)), None
    inside = g.elementwise("Min", g.elementwise("Max", index, 0), scalar(size - 1))
    return inside, g.elementwise("Equal", index, inside, dtype="bool") if mode == "constant" else None
