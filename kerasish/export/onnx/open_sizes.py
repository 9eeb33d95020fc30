"""Open sizes in an ONNX graph: an expression of `backend.sizes` becomes arithmetic on the shapes of the inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend.sizes import Size


class SizeWriter:
    """Writes open sizes as int64 scalars, each expression once, into the main graph.

    Args:
        graph: the GraphWriter of the main graph.
    """

    def __init__(self, graph: Any) -> None:
        self._graph = graph
        self._sources: dict[str, tuple[Any, int]] = {}
        self._known: dict[str, Any] = {}
        self._shapes: dict[str, Any] = {}

    def is_axis(self, size: Size, value: Any, axis: int) -> None:
        """Say that `size`, where it is an unknown, is an axis of a Value."""
        if size.is_unknown():
            self._sources.setdefault(size.key, (value, axis))

    def scalar(self, size: Any) -> Any:
        """An int or an open size as a scalar."""
        if type(size) is not Size:
            return self._graph.constant(int(size), "int64")
        if size.key not in self._known:
            scope, self._graph.file.scope = self._graph.file.scope, "sizes"
            self._known[size.key] = self._written(size)
            self._graph.file.scope = scope
        return self._known[size.key]

    def vector(self, sizes: Sequence[Any]) -> Any:
        """Ints and open sizes as a vector."""
        if not any(type(size) is Size for size in sizes):
            return self._graph.constant([int(size) for size in sizes], "int64")
        g = self._graph
        parts = [
            g.op("Unsqueeze", self.scalar(size), g.constant([0]), shape=(1,))
            if type(size) is Size
            else g.constant([size], "int64")
            for size in sizes
        ]
        return g.op("Concat", *parts, axis=0, shape=(len(sizes),)) if len(parts) > 1 else parts[0]

    def _written(self, size):
        if size.key in self._sources:
            value, axis = self._sources[size.key]
            if id(value) not in self._shapes:
                self._shapes[id(value)] = (value, self._graph.op("Shape", value, dtype="int64"))
            return self._scalar("Gather", self._shapes[id(value)][1], self._graph.constant(axis))
        total = None
        for atoms, count in size.terms.items():
            term = None
            for atom in atoms:
                factor = self._atom(atom)
                term = factor if term is None else self._scalar("Mul", term, factor)
            if term is None:
                term = self._graph.constant(count, "int64")
            elif count != 1:
                term = self._scalar("Mul", term, self._graph.constant(count, "int64"))
            total = term if total is None else self._scalar("Add", total, term)
        return total

    def _atom(self, atom):
        alone = Size({(atom,): 1})
        if atom.kind == "unknown":
            if alone.key not in self._sources:
                raise ValueError(
                    f"{atom.about[0].upper()}{atom.about[1:]} is known from values alone, and is no shape in ONNX."
                )
            return self.scalar(alone)
        if alone.key not in self._known:
            self._known[alone.key] = self._compound(atom)
        return self._known[alone.key]

    def _compound(self, atom):
        a, b = map(self.scalar, atom.operands)
        if atom.kind != "//":
            return self._scalar("Max" if atom.kind == "max" else "Min", a, b)
        low = [x.bounds()[0] if type(x) is Size else x for x in atom.operands]
        if low[0] < 0 or low[1] < 0:  # ONNX's division of ints cuts off; Python's goes down
            a = self._scalar("Sub", a, self._scalar("Mod", a, b))
        return self._scalar("Div", a, b)

    def _scalar(self, kind, *inputs):
        return self._graph.op(kind, *inputs, dtype="int64", shape=())
