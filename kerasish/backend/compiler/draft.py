"""What every pass takes and gives."""

from __future__ import annotations

from typing import Any

from kerasish.backend.graph import Tensor
from kerasish.backend.node import PrimitiveNode
from kerasish.backend.primitives.primitive import is_several
from kerasish.typing import TensorLike


class Draft:
    """A graph on its way to a Program.

    A pass returns the Draft that it is given, or a changed copy.

    Attributes:
        graph: the TracedGraph that it began as; its inputs, reads, outputs and updates are the Draft's too.
        device: the device that it is compiled for.
        nodes: list of PrimitiveNode in order.
        replaced: dict from Tensors of the graph to those that stand for them now.
        constants: dict from Tensor to array: those of the graph, and those that were computed on the way.
        rules: names of the tables of local rules that `simplify` applies (see `passes.RULES`); None: all.
        place_outputs: whether an output that a step writes gets no memory here, but an array each time that the calls
            are bound.
        is_whole: whether it is what a Program runs, and does not stand in a loop or a branch.
        plan: the MemoryPlan, None until it is made.
    """

    __slots__ = ("graph", "device", "nodes", "replaced", "constants", "rules", "place_outputs", "is_whole", "plan")

    def __init__(
        self, graph: Any, device: Any, rules: Any = None, place_outputs: bool = False, is_whole: bool = False
    ) -> None:
        self.graph: Any = graph
        self.device: Any = device
        self.nodes: list[Any] = graph.nodes
        self.replaced: dict[Any, Any] = {}
        self.constants: dict[Any, Any] = graph.constants
        self.rules: Any = rules
        self.place_outputs: bool = place_outputs
        self.is_whole: bool = is_whole
        self.plan: Any = None

    def replace(self, **changes: Any) -> Draft:
        """A copy in which the attributes named have these values."""
        copy = object.__new__(Draft)
        for name in Draft.__slots__:
            setattr(copy, name, changes.pop(name) if name in changes else getattr(self, name))
        if changes:
            raise TypeError(f"Draft has no {', '.join(sorted(changes))}.")
        return copy

    @property
    def addends(self) -> int | None:
        """As how many addends ranks see a sum (`Device.addends`); None where it goes by messages.

        In a loop or a branch it does: the step around it writes to the same memory.
        """
        return self.device.addends() if self.is_whole else None

    def rewritten(self, nodes: Any, replaced: Any, **changes: Any) -> Draft:
        """A copy with other nodes, in which the Tensors of the dict `replaced` gave way to others."""
        before = {tensor: replaced.get(now, now) for tensor, now in self.replaced.items()}
        return self.replace(nodes=nodes, replaced={**replaced, **before}, **changes)

    def alias(self, tensor: TensorLike) -> Any:
        """The Tensor that now stands for one of the graph."""
        return self.replaced.get(tensor, tensor)

    @property
    def outputs(self) -> list[Any]:
        """What the graph returns, without its Nones."""
        return [self.alias(t) for t in self.graph.outputs if t is not None]

    @property
    def updates(self) -> dict[Any, Any]:
        """The new values of Variables: dict from Variable to Tensor."""
        return {variable: self.alias(t) for variable, t in self.graph.updates.items() if t is not None}

    @property
    def wanted(self) -> list[Any]:
        """All that the graph is run for."""
        return [*self.outputs, *self.updates.values()]


def new_node(operation: Any, inputs: Any, attributes: dict[str, Any], order: int, scope: str | None) -> Any:
    """A call of a primitive, with the Tensors that it makes."""
    specs = operation.shape_rule(*inputs, **attributes)
    node = PrimitiveNode(operation=operation, inputs=list(inputs), attributes=attributes, order=order, scope=scope)
    node.several = is_several(specs)
    node.outputs += [Tensor(shape, dtype, node=node) for shape, dtype in (specs if node.several else [specs])]
    return node
