"""Values of a grid at places between its points: what maps and transforms of images read.

Beyond the edges of n points lie, for i counted from the first point: "constant" a number, "nearest" the point at the
edge, "wrap" point i mod n, "reflect" the points mirrored at the edge (d c b a | a b c d | d c b a), "mirror" those
mirrored at the last point (d c b | a b c d | c b a).
"""

from __future__ import annotations

from itertools import product as pairs
from typing import Any

from kerasish.backend.primitives.costs import sampled
from kerasish.backend.primitives.families import computed
from kerasish.backend.primitives.primitive import Primitive, Spec, gradient_of, p
from kerasish.backend.primitives.shapes import product
from kerasish.backend.sizes import unlike_shapes

MODES = ("constant", "nearest", "wrap", "mirror", "reflect")
FARTHEST = 1e9  # points beyond lie there: an int32 holds what is computed of it, and a place that is NaN needs one


def _sample_shape(x, *points, order, mode, fill):
    """`x` (batch, *space, channels) at points (batch, places...), one operand for each axis of space.

    Gives (batch, places..., channels). `order` 0 takes the nearest point (halves away from 0), 1 weighs its neighbours.
    """
    if mode not in MODES:
        raise ValueError(f"`mode` of `sample` must be one of {', '.join(map(repr, MODES))}, got {mode!r}.")
    if order not in (0, 1):
        raise ValueError(f"`order` of `sample` must be 0 or 1, got {order!r}.")
    if not points or len(x.shape) != len(points) + 2:
        raise ValueError(
            f"`sample` takes values (batch, *space, channels) and points for each axis of space, got shape "
            f"{tuple(x.shape)} and points for {len(points)}."
        )
    wanted = (x.shape[0], *points[0].shape[1:])
    for place in points:
        if unlike_shapes(place.shape, wanted):
            raise ValueError(f"Points of `sample` must have shape {tuple(wanted)}, got {tuple(place.shape)}.")
        if place.dtype not in ("float32", "float64"):
            raise ValueError(f"Points of `sample` must be float32 or float64, got {place.dtype}.")
        if order == 1 and place.dtype != x.dtype:
            raise ValueError(f"Points between those of {x.dtype} must be {x.dtype}, got {place.dtype}.")
    return Spec((x.shape[0], *points[0].shape[1:], x.shape[-1]), x.dtype)


sample: Primitive = computed("sample", _sample_shape, cost=sampled())


@gradient_of(sample)
def _sample(node, g):
    x, *points = node.inputs
    order, mode = node.attributes["order"], node.attributes["mode"]
    batch, *space, channels = x.shape
    axes = [_neighbours(place, size, order, mode) for place, size in zip(points, space)]
    rows = p.reshape(x, shape=(product((batch, *space)), channels))
    first = p.reshape(
        p.arange(start=0, step=1, size=batch, dtype="int32"), shape=(batch, *[1] * (len(points[0].shape) - 1))
    )
    of_x, of_points = None, [None] * len(points)
    for corner in pairs(range(order + 1), repeat=len(points)):
        chosen = [axis[which] for axis, which in zip(axes, corner)]
        flat, inside = first, None
        for (index, within, _), size in zip(chosen, space):
            flat = p.add(p.multiply(flat, size), index)
            if within is not None:
                inside = within if inside is None else p.logical_and(inside, within)
        if inside is not None:
            inside = p.reshape(inside, shape=(*inside.shape, 1))
        weights = [weight for _, _, weight in chosen]
        share = g if order == 0 else p.multiply(g, _last(_times(weights)))
        if inside is not None:
            share = p.where(inside, share, 0.0)
        of_x = _plus(of_x, p.take_gradient(share, flat, axis=0, size=product((batch, *space))))
        if order:
            value = p.take(rows, flat, axis=0)
            if inside is not None:
                value = p.where(inside, value, float(node.attributes["fill"]))
            total = p.sum(p.multiply(g, value), axis=(len(g.shape) - 1,), keepdims=False)
            for i, which in enumerate(corner):
                others = weights[:i] + weights[i + 1 :]
                slope = p.multiply(total, _times(others)) if others else total
                of_points[i] = _plus(of_points[i], slope if which else p.negative(slope))
    return [p.reshape(of_x, shape=tuple(x.shape)), *of_points]


def _neighbours(place, size, order, mode):
    """For each neighbour along one axis: (index, whether it is a point of the grid or None, weight or None)."""
    near = p.minimum(p.maximum(p.where(p.isnan(place), 0.0, place), -FARTHEST), FARTHEST)
    if order == 0:
        whole = p.multiply(p.sign(near), p.floor(p.add(p.absolute(near), 0.5)))
        return [(*_folded(p.cast(whole, dtype="int32"), size, mode), None)]
    lower = p.cast(p.floor(near), dtype="int32")
    above = p.subtract(place, p.stop_gradient(p.floor(place)))
    pair = ((lower, p.subtract(1.0, above)), (p.add(lower, 1), above))
    return [(*_folded(index, size, mode), weight) for index, weight in pair]


def _folded(index, size, mode):
    """(index within the grid, whether it was)."""
    if mode == "wrap":
        return p.remainder(index, size), None
    if mode in ("mirror", "reflect"):
        period, last = (2 * size, 2 * size - 1) if mode == "reflect" else (max(2 * size - 2, 1),) * 2
        index = p.remainder(index, period)
        return p.minimum(p.minimum(index, p.subtract(last, index)), size - 1), None
    inside = p.minimum(p.maximum(index, 0), size - 1)
    return inside, p.equal(index, inside) if mode == "constant" else None


def _times(weights: list[Any]) -> Any:
    result = weights[0]
    for weight in weights[1:]:
        result = p.multiply(result, weight)
    return result


def _plus(total, more):
    return more if total is None else p.add(total, more)


def _last(x):
    return p.reshape(x, shape=(*x.shape, 1))
