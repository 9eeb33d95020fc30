"""Primitives that read and write elements by position.

Negative indices count from the end; one out of range raises IndexError when it runs.

Each reader has its transpose, which adds: take <-> take_gradient, take_along_axis <-> put_along_axis_add, gather_nd <->
scatter_nd_add.
"""

from __future__ import annotations

from kerasish.backend.dtypes import is_int_dtype
from kerasish.backend.primitives.costs import LOOKUP, MOVEMENT, SEARCH, scatter
from kerasish.backend.primitives.families import computed
from kerasish.backend.primitives.primitive import Primitive, Spec, gradient_of, p
from kerasish.backend.primitives.shapes import normalize_axis, same_dtype
from kerasish.backend.primitives.traits import FLOATS, Role
from kerasish.backend.sizes import Size, unlike_shapes


def out_of_range(index: int, size: int, axis: int) -> IndexError:
    """What every device raises for an index outside of -size ... size - 1."""
    return IndexError(
        f"Index {index} is out of range for axis {axis} of size {size}: indices must lie in {-size} ... {size - 1}."
    )


def _check_indices(name, indices):
    if not is_int_dtype(indices.dtype):
        raise ValueError(f"The indices of `{name}` must be integers, got {indices.dtype}.")


def _agreed(name, what, found, wanted):
    """The shape `found`, with sizes that are open in it filled in from `wanted`.

    Raises ValueError where they differ.
    """
    if unlike_shapes(found, wanted):
        raise ValueError(f"`{what}` of `{name}` must have shape {tuple(wanted)}, got {tuple(found)}.")
    return tuple(b if a is None else a for a, b in zip(found, wanted))


def _replaced(shape, axis, sizes):
    """`shape` with the size at `axis` replaced by `sizes` (any number of them)."""
    return (*shape[:axis], *sizes, *shape[axis + 1 :])


def _take_shape(x, indices, axis):
    """`x` (a..., n, b...), indices (i...): (a..., i..., b...)."""
    _check_indices("take", indices)
    axis = normalize_axis(axis, len(x.shape))
    return Spec(_replaced(tuple(x.shape), axis, indices.shape), x.dtype)


def _take_gradient_shape(g, indices, axis, size):
    """`axis` counts in the result, and is not negative."""
    _check_indices("take_gradient", indices)
    shape, taken = tuple(g.shape), len(indices.shape)
    if not 0 <= axis <= len(shape) - taken:
        raise ValueError(
            f"`axis`={axis} is out of range for a gradient of shape {shape} and indices of shape "
            f"{tuple(indices.shape)}."
        )
    _agreed("take_gradient", "g", shape, (*shape[:axis], *indices.shape, *shape[axis + taken :]))
    return Spec((*shape[:axis], size, *shape[axis + taken :]), g.dtype)


take: Primitive = computed("take", _take_shape, cost=LOOKUP, computes=False, refuses=True, complex=True)
take_gradient: Primitive = computed(
    "take_gradient", _take_gradient_shape, cost=scatter(added=0), refuses=True, complex=True
)


@gradient_of(take)
def _take(node, g):
    x, indices = node.inputs
    axis = normalize_axis(node.attributes["axis"], len(x.shape))
    return [take_gradient(g, indices, axis=axis, size=x.shape[axis]), None]


@gradient_of(take_gradient)
def _take_gradient(node, g):
    return [take(g, node.inputs[1], axis=node.attributes["axis"]), None]


def _take_along_axis_shape(x, indices, axis):
    """Both have as many axes, and equal sizes but along `axis`."""
    _check_indices("take_along_axis", indices)
    axis = normalize_axis(axis, len(x.shape))
    wanted = _replaced(tuple(x.shape), axis, [None])
    return Spec(_agreed("take_along_axis", "indices", tuple(indices.shape), wanted), x.dtype)


def _put_along_axis_shape(g, indices, axis, size):
    _check_indices("put_along_axis_add", indices)
    axis = normalize_axis(axis, len(g.shape))
    shape = _agreed("put_along_axis_add", "indices", tuple(indices.shape), tuple(g.shape))
    return Spec(_replaced(shape, axis, [size]), g.dtype)


take_along_axis: Primitive = computed(
    "take_along_axis", _take_along_axis_shape, cost=LOOKUP, fuses=FLOATS, role=Role.TAKES, complex=True
)
put_along_axis_add: Primitive = computed(
    "put_along_axis_add", _put_along_axis_shape, cost=scatter(added=0), fuses=FLOATS, role=Role.PUTS, complex=True
)


@gradient_of(take_along_axis)
def _take_along_axis(node, g):
    x, indices = node.inputs
    axis = node.attributes["axis"]
    return [put_along_axis_add(g, indices, axis=axis, size=x.shape[axis]), None]


@gradient_of(put_along_axis_add)
def _put_along_axis_add(node, g):
    return [take_along_axis(g, node.inputs[1], axis=node.attributes["axis"]), None]


def _depth(name, x, indices):
    """How many leading axes of `x` an index names."""
    _check_indices(name, indices)
    depth = indices.shape[-1] if indices.shape else None
    if depth is None or type(depth) is Size or depth > len(x.shape):
        raise ValueError(
            f"The last axis of the indices of `{name}` must have a known size of at most {len(x.shape)}, the axes of "
            f"x; got shape {tuple(indices.shape)}."
        )
    return depth


def _gather_nd_shape(x, indices):
    """`x` (d0, ...), indices (i..., k): (i..., *x.shape[k:])."""
    depth = _depth("gather_nd", x, indices)
    return Spec((*indices.shape[:-1], *x.shape[depth:]), x.dtype)


def _scatter(name, cost, **facts):
    def shape(x, indices, updates):
        """`x` (d0, ...), indices (i..., k), updates (i..., *x.shape[k:]): the shape of x."""
        depth = _depth(name, x, indices)
        _agreed(name, "updates", tuple(updates.shape), (*indices.shape[:-1], *x.shape[depth:]))
        return Spec(tuple(x.shape), same_dtype(name, x, updates))

    return computed(name, shape, cost=cost, refuses=True, complex=True, **facts)


gather_nd: Primitive = computed("gather_nd", _gather_nd_shape, cost=LOOKUP, computes=False, refuses=True, complex=True)
scatter_nd_add: Primitive = _scatter("scatter_nd_add", scatter(added=2))  # updates for the same place add up
scatter_update: Primitive = _scatter(
    "scatter_update", MOVEMENT, computes=False
)  # of updates for the same place the last one stays


@gradient_of(gather_nd)
def _gather_nd(node, g):
    x, indices = node.inputs
    return [scatter_nd_add(_zeros(x), indices, g), None]


@gradient_of(scatter_nd_add)
def _scatter_nd_add(node, g):
    return [g, None, gather_nd(g, node.inputs[1])]


@gradient_of(scatter_update)
def _scatter_update(node, g):
    """Only the update that stayed has a gradient: each place is asked which one that was."""
    x, indices, updates = node.inputs
    depth, count = indices.shape[-1], 1
    for size in indices.shape[:-1]:
        count *= size
    numbers = p.reshape(p.arange(start=0, step=1, size=count, dtype="int32"), shape=tuple(indices.shape[:-1]))
    last = scatter_update(p.full(shape=tuple(x.shape[:depth]), value=0, dtype="int32"), indices, numbers)
    stayed = p.equal(gather_nd(last, indices), numbers)
    stayed = p.reshape(stayed, shape=(*indices.shape[:-1], *[1] * (len(x.shape) - depth)))
    return [scatter_update(g, indices, _zeros(updates)), None, p.where(stayed, gather_nd(g, indices), 0.0)]


def _zeros(x):
    return p.full(shape=tuple(x.shape), value=0.0, dtype=x.dtype)


def _searchsorted_shape(sequence, values, side="left"):
    """Sequence (n,) in rising order; the place of each of `values` among them."""
    if len(sequence.shape) != 1:
        raise ValueError(f"`searchsorted` looks in a vector, got shape {tuple(sequence.shape)}.")
    if side not in ("left", "right"):
        raise ValueError(f"`side` must be 'left' or 'right', got {side!r}.")
    same_dtype("searchsorted", sequence, values)
    return Spec(tuple(values.shape), "int32")


searchsorted: Primitive = computed("searchsorted", _searchsorted_shape, cost=SEARCH)
