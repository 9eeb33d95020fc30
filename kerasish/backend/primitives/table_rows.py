"""Primitives that read and write the rows of a table that an index names.

What the pass `sparse_rows` makes of a dense update.

They come into a graph after differentiation and so have no gradient. `catch_up` has no kernel but is lowered, on
devices with a `replayer`.
"""

from __future__ import annotations

from kerasish.backend.dtypes import is_int_dtype
from kerasish.backend.primitives.costs import ROWS_CAUGHT_UP, ROWS_PUT, SEARCH, scatter
from kerasish.backend.primitives.families import computed, moved, runs_graph
from kerasish.backend.primitives.primitive import Primitive, Spec
from kerasish.backend.primitives.shapes import same_dtype
from kerasish.backend.sizes import unlike_shapes


def _check(name, what, shape, indices, lead):
    """Raise ValueError unless `shape` is that of `indices` followed by a row's."""
    if not is_int_dtype(indices.dtype):
        raise ValueError(f"The indices of `{name}` must be integers, got {indices.dtype}.")
    wanted = (*indices.shape, *lead)
    if unlike_shapes(shape, wanted):
        raise ValueError(f"`{what}` of `{name}` must have shape {tuple(wanted)}, got {tuple(shape)}.")


def _sum_rows_shape(g, indices, size):
    """`g` (i..., row...), indices (i...) into a table of `size` rows: the shape of g.

    Each row becomes the sum of all rows of `g` that have its index,
    which is `take(take_gradient(g, indices, axis=0, size=size), indices, axis=0)` without the table.
    """
    _check("sum_rows", "g", tuple(g.shape), indices, tuple(g.shape)[len(indices.shape) :])
    return Spec(tuple(g.shape), g.dtype)


def _put_rows_shape(x, indices, rows):
    """`x` (n, row...), indices (i...), rows (i..., row...): x with `rows` in the places that `indices` name.

    Rows of equal index must be equal.
    """
    _check("put_rows", "rows", tuple(rows.shape), indices, tuple(x.shape)[1:])
    return Spec(tuple(x.shape), same_dtype("put_rows", x, rows))


def _first_rows_shape(indices, size):
    """Of indices (i...) into a table of `size` rows: whether none before names the same row, bool (i...)."""
    return Spec(tuple(indices.shape), "bool")


def _catch_up_shape(indices, *values, rows):
    """`indices` as they are, once the rows that they name have done the steps that they missed (`rows_behind.py`)."""
    return Spec(tuple(indices.shape), indices.dtype)


sum_rows: Primitive = computed("sum_rows", _sum_rows_shape, cost=scatter(added=0), refuses=True)
first_rows: Primitive = computed("first_rows", _first_rows_shape, cost=SEARCH, computes=False)
put_rows: Primitive = moved("put_rows", _put_rows_shape, cost=ROWS_PUT, in_place=(0,), refuses=True)
catch_up: Primitive = runs_graph("catch_up", _catch_up_shape, cost=ROWS_CAUGHT_UP, refuses=True)
