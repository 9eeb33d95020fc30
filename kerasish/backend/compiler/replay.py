"""What a step of an optimizer does to a row of a table that gets no gradient, worked out from the step's own nodes.

It is the update with a gradient of 0: nodes that are elementwise in the old values of the table and its slots, and in
scalars of the step, such as its rate. For rows whose slots are 0, as before their first gradient, it is often nothing
at all, and always less.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kerasish.backend.compiler.closed_form import ClosedForm, closed_form
from kerasish.backend.compiler.unchanged import Values
from kerasish.backend.graph import Tensor
from kerasish.backend.primitives.shapes import product

_DTYPES = ("float32", "float64")


class Change:
    """New values of rows.

    Attributes:
        nodes: list of Nodes in order, those that are still needed.
        new: for each table and slot its new value: a Tensor, a float, or None where it stays as it is.
        meaning: function from an operand to the Tensor or float that it is.
    """

    def __init__(self, values: Values, nodes: Sequence[Any], olds: Sequence[Tensor], news: Sequence[Tensor]) -> None:
        def meaning(x):
            known = values.of(x)
            return known if isinstance(known, (float, Tensor)) else x

        self.meaning: Callable[[Any], Any] = meaning
        found = [meaning(new) for new in news]
        self.new = [None if _is_same(new, values.of(old), old) else new for new, old in zip(found, olds)]
        live = {new for new in self.new if isinstance(new, Tensor)}
        self.nodes: list[Any] = []
        for node in reversed(nodes):
            if node.outputs[0] in live:
                self.nodes.insert(0, node)
                live.update(y for y in map(meaning, node.inputs) if isinstance(y, Tensor))
        self.read: set[Any] = live

    @property
    def is_nothing(self) -> bool:
        """Whether all values stay as they are."""
        return all(new is None for new in self.new)


def _is_same(new, known, old):
    """Whether a new value is the old one, of which `known` is known; `==` of Tensors would make a node."""
    return new is old or isinstance(new, float) and isinstance(known, float) and new == known


class Replay:
    """The update of rows without gradient.

    Attributes:
        olds: list of the old values, Tensors, the table first where it is one of trained variables.
        scalars: list of the Tensors that every step has others of.
        usual: Change of any row. fresh: Change of rows whose slots are 0; None where they would not stay so.
        slots: positions in `olds` of the slots.
        closed: ClosedForm of what a row does in the end, or None.
    """

    def __init__(self, usual: Change, fresh: Change | None, olds: Any, slots: Any, scalars: Any) -> None:
        self.usual, self.fresh, self.olds, self.slots, self.scalars = usual, fresh, olds, slots, scalars
        self.closed: ClosedForm | None = closed_form(self)

    @property
    def key(self) -> str:
        """Equal for updates that do the same: what two Programs of one optimizer have in common."""
        names = {old: f"old{i}" for i, old in enumerate(self.olds)}
        names |= {scalar: f"scalar{i}" for i, scalar in enumerate(self.scalars)}
        said = [f"{tuple(old.shape)} {old.dtype}" for old in self.olds] + [scalar.dtype for scalar in self.scalars]
        for change in (self.usual, self.fresh):
            known = dict(names)
            for node in change.nodes if change is not None else ():
                operands = ", ".join(_said(change.meaning(x), known) for x in node.inputs)
                known[node.outputs[0]] = f"value{len(known)}"
                said.append(f"{node.operation.name}({operands}; {node.attributes}; {node.outputs[0].dtype})")
            said.append(
                "; ".join(_said(new, known) for new in change.new) if change is not None else "nothing is fresh"
            )
        return "\n".join(said)


def _said(x, names):
    return names[x] if isinstance(x, Tensor) else repr(x)


def replay_of(news: dict[Tensor, Tensor], gradient: Tensor, slots: set[Tensor], body: Body) -> Replay | None:
    """The Replay of an update, None where there is none.

    Args:
        news: dict from the old value of the table and of each slot to the new one.
        gradient: what is 0 in rows that no index names. slots: those of the old values that belong to the optimizer.
        body: what the new values are made of.
    """
    olds = list(news)
    nodes = body.reached(news.values())
    if nodes is None:
        return None
    usual = Change(body.values({gradient: 0.0}, slots), nodes, olds, list(news.values()))
    zeros = {gradient: 0.0, **dict.fromkeys(slots, 0.0)}
    fresh = Change(body.values(zeros, slots), nodes, olds, list(news.values()))
    places = [i for i, old in enumerate(olds) if old in slots]
    if any(fresh.new[i] is not None for i in places):
        fresh = None
    read = usual.read | (fresh.read if fresh is not None else set())
    scalars = [scalar for scalar in body.scalars if scalar in read]
    if any(t.dtype not in _DTYPES for t in (gradient, *olds, *scalars)):
        return None
    return Replay(usual, fresh, olds, places, scalars)


class Body:
    """The nodes that new values are made of, found backwards from them.

    Args:
        nodes: all nodes in order. leaves: set of the Tensors at which it ends: old values and the gradient.
        is_rowwise: function that says of a node whether it is elementwise in rows of the table.
        constants: dict from Tensor to array.

    Attributes:
        made: set of the Tensors that the nodes make. scalars: list of what else goes in, a number each.
    """

    def __init__(self, nodes: Any, leaves: set[Tensor], is_rowwise: Callable[[Any], bool], constants: Any) -> None:
        self._nodes, self._leaves, self._is_rowwise, self._constants = nodes, leaves, is_rowwise, constants
        self._made_by = {t: node for node in nodes for t in node.outputs}
        self._reached: dict[int, Any] = {}
        self.made: set[Tensor] = set()
        self.scalars: list[Tensor] = []

    def reached(self, wanted: Any) -> list[Any] | None:
        """The nodes in order, or None where something else than rows and scalars goes in."""
        waiting = list(wanted)
        seen = set()
        while waiting:
            x = waiting.pop()
            if x in seen or x in self._leaves:
                continue
            seen.add(x)
            node = self._made_by.get(x)
            if node is not None and (self._is_rowwise(node) or is_filled(node) and product(x.shape) > 1):
                self._reached[id(node)] = node
                self.made.add(x)
                waiting += node.inputs
            elif product(x.shape) != 1:
                return None
            elif x not in self._constants:
                self.scalars.append(x)
        return [node for node in self._nodes if id(node) in self._reached]

    def values(self, known: dict[Tensor, float], slots: set[Tensor]) -> Values:
        """What the nodes give where some Tensors are numbers."""
        values = Values(known, slots, self._constants)
        for node in self._nodes:
            if id(node) in self._reached:
                values.add(node)
        return values


def is_filled(node: Any) -> bool:
    """Whether a node makes equal elements: a constant, or a number stretched."""
    return node.operation.name == "full" or node.operation.name == "broadcast_to" and product(node.inputs[0].shape) == 1
