"""Which loop of a row computes, keeps and reads what."""

from __future__ import annotations

from typing import Any

from kerasish.backend.primitives.group import FULL, ROW, TERMINAL
from kerasish.typing import TensorLike

_CHEAP = 6  # so many additions and the like are done again rather than kept in memory


class LoopPlan:
    """The loops over the columns of one row.

    Attributes:
        group: the Group. made: dict from a Tensor to the Node that makes it. stage: what `Group.stages` says. last: the
            last loop.
        sinks: list a loop of the FULL tensors it has to compute. kept: dict from a FULL tensor to its scratch number,
        for those that a later loop reads back. kernels: dict in which `bind` keeps the compiled kernels.
    """

    def __init__(self, group: Any) -> None:
        self.group: Any = group
        self.kernels: dict[Any, Any] = {}
        self.made: dict[Any, Any] = {node.outputs[0]: node for node in group.nodes}
        self.stage: Any = group.stages()
        self.reductions: list[Any] = [
            n
            for n in group.nodes
            if n.operation.traits.role.makes_rows and group.kinds[n.outputs[0]] in (ROW, TERMINAL)
        ]
        in_loops = [self.loop_of(n) for n in self.reductions if not self.from_rows(n)]
        stored = {
            t: True for t in group.outputs if group.kinds[t] == FULL
        }  # a dict: `in` a list would ask `==`, which makes a node
        self.last: Any = max([*in_loops, *(self.stage[t] for t in stored)], default=-1)
        self.kept: dict[Any, Any] = {}
        self.sinks: list[list[Any]] = [[] for _ in range(self.last + 1)]
        for loop in range(self.last, -1, -1):
            self.sinks[loop] += [t for t in stored if self.stage[t] == loop]
            self.sinks[loop] += [
                n.inputs[0]
                for n in self.reductions
                if not self.from_rows(n) and self.loop_of(n) == loop and n.inputs[0] in self.made
            ]
            self.sinks[loop] += [t for t in self.kept if self.stage[t] == loop]
            self._demand(loop, stored)

    def from_rows(self, node: Any) -> Any:
        """Whether a reduction adds up one number a row."""
        return self.group.kinds.get(node.inputs[0]) == ROW

    def loop_of(self, node: Any) -> Any:
        """The loop in which a reduction takes its operand."""
        output = node.outputs[0]
        return self.stage[output] - (self.group.kinds[output] == ROW)

    def is_full(self, tensor: TensorLike) -> bool:
        """Whether a tensor made here has a number for each point."""
        return self.group.kinds.get(tensor) == FULL

    def _demand(self, loop, stored):
        pending, seen = list(self.sinks[loop]), set()
        while pending:
            tensor = pending.pop()
            if tensor in seen or not self.is_full(tensor):
                continue
            seen.add(tensor)
            if self.stage[tensor] < loop and (tensor in stored or self._is_costly(tensor)):
                if tensor not in stored:
                    self.kept.setdefault(tensor, len(self.kept))
                continue
            pending += self.made[tensor].inputs

    def _is_costly(self, tensor):
        pending, count = [tensor], 0
        while pending:
            node = self.made[pending.pop()]
            count += 1
            if node.operation.traits.cost.expensive or count > _CHEAP:
                return True
            pending += [x for x in node.inputs if self.is_full(x)]
        return False

    def is_total(self, node: Any) -> bool:
        """Whether a TERMINAL reduction leaves one number."""
        return self.from_rows(node) or len(node.inputs[0].shape) == len(_as_axes(node))

    def terminals(self) -> list[Any]:
        """Nodes of TERMINAL tensors."""
        return [n for n in self.group.nodes if self.group.kinds[n.outputs[0]] == TERMINAL]


def _as_axes(node):
    axis = node.attributes.get("axis")
    return range(len(node.inputs[0].shape)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
