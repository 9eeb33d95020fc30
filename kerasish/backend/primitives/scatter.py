"""Scatters that join updates with what is there by max, min or product.

`scatter_nd_add` and `scatter_update` are in indexing.py.
"""

from __future__ import annotations

from kerasish.backend.primitives.costs import scatter
from kerasish.backend.primitives.families import computed
from kerasish.backend.primitives.primitive import Primitive, Spec, gradient_of, p
from kerasish.backend.primitives.shapes import same_dtype
from kerasish.backend.sizes import unlike_shapes


def _combine_shape(x, indices, updates, mode):
    """`x` (d0, ...), indices (..., k), updates (..., *x.shape[k:]); mode "max", "min" or "mul"."""
    depth = indices.shape[-1]
    wanted = tuple(indices.shape[:-1]) + tuple(x.shape[depth:])
    if unlike_shapes(updates.shape, wanted):
        raise ValueError(f"`updates` must have shape {wanted}, got {tuple(updates.shape)}.")
    return Spec(tuple(x.shape), same_dtype("scatter_nd_combine", x, updates))


scatter_nd_combine: Primitive = computed("scatter_nd_combine", _combine_shape, cost=scatter(added=2), refuses=True)


@gradient_of(scatter_nd_combine)
def _scatter_nd_combine(node, g):
    x, indices, updates = node.inputs
    result = node.outputs[0]
    if node.attributes["mode"] == "mul":
        scaled = p.multiply(g, result)
        return [p.divide(scaled, x), None, p.divide(p.gather_nd(scaled, indices), updates)]
    # the gradient is shared equally among those that attain the extreme
    from_x = p.cast(p.equal(x, result), dtype=g.dtype)
    from_updates = p.cast(p.equal(updates, p.gather_nd(result, indices)), dtype=g.dtype)
    share = p.divide(g, p.maximum(p.scatter_nd_add(from_x, indices, from_updates), 1.0))
    return [p.multiply(from_x, share), None, p.multiply(from_updates, p.gather_nd(share, indices))]
