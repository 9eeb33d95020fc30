"""Short ways to write rows: what the primitives of one kind have in common, so that a row states the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.backend.primitives.costs import CHEAP, MOVEMENT, VIEW, Cost
from kerasish.backend.primitives.primitive import Primitive, Spec, define
from kerasish.backend.primitives.shapes import broadcast, same_dtype
from kerasish.backend.primitives.traits import NOTHING, Again, Hoist


def elementwise(
    name: str, shape: Callable, gradient: Callable | None = None, *, cost: Cost, fuses: frozenset, **facts: Any
) -> Primitive:
    """Each point of the output from the same point of each operand."""
    again = Again.CHEAP if cost is CHEAP and fuses else Again.SAVED
    common = {"elementwise": True, "pure": True, "view": False, "hoists": Hoist.ALONE, "again": again, "in_place": None}
    return define(name, shape, gradient, **{**common, "cost": cost, "fuses": fuses, **facts})


def binary(name: str, *, cost: Cost, fuses: frozenset, **facts: Any) -> Primitive:
    """Elementwise with two operands, which broadcast, and an output of their dtype."""

    def shape(x, y):
        return Spec(broadcast(x.shape, y.shape), same_dtype(name, x, y))

    return elementwise(name, shape, cost=cost, fuses=fuses, **facts)


def computed(
    name: str,
    shape: Callable,
    gradient: Callable | None = None,
    *,
    cost: Cost,
    fuses: frozenset = NOTHING,
    **facts: Any,
) -> Primitive:
    """A computation that is worth keeping: a product, a reduction, a sort."""
    common = {"elementwise": False, "pure": True, "view": False, "hoists": Hoist.ALONE, "again": Again.SAVED}
    return define(name, shape, gradient, **{**common, "in_place": (), "cost": cost, "fuses": fuses, **facts})


def moved(name: str, shape: Callable, gradient: Callable | None = None, **facts: Any) -> Primitive:
    """Elements in other places, in memory of their own."""
    return computed(name, shape, gradient, **{"cost": MOVEMENT, "computes": False, "complex": True, **facts})


def view(name: str, shape: Callable, gradient: Callable | None = None, *, again: Again, **facts: Any) -> Primitive:
    """The operand's memory in another shape or order."""
    common = {"cost": VIEW, "view": True, "computes": False, "hoists": Hoist.WITH_READERS, "again": again}
    return computed(name, shape, gradient, complex=True, **common, **facts)


def runs_graph(name: str, shape: Callable, gradient: Callable | None = None, *, cost: Cost, **facts: Any) -> Primitive:
    """A loop or a branch, or a function of the user's: what it does is not known."""
    common = {"pure": False, "computes": False, "hoists": Hoist.NEVER, "complex": True}
    return computed(name, shape, gradient, cost=cost, **common, **facts)
