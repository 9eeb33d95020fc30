"""By what name each value of a Group is known in the kernel that is being printed."""

from __future__ import annotations

from typing import Any

from kerasish.backend.fused.plan import LoopPlan
from kerasish.backend.primitives.group import ROW
from kerasish.backend.primitives.traits import Role


class Values:
    """The part of a printer that finds a value where it is, or writes how it is computed.

    The words are the printer's own: `_line(node, operands)`, `_put(operands, dtype)` and `_reduced(node)` are
    expressions, `_load(tensor, loop)` reads an operand, `_kept_before(tensor)` what an earlier loop kept (None where
    none did); `_write_row_value(name, tensor, text)` and `_write_point(name, tensor, text, loop)` give a value a name.

    Attributes:
        plan: the LoopPlan. group: its Group.
        constants: dict from tensors to literals.
        place: dict from (tensor, role) to the number of the operand.
        names: dict from ROW values to names.
        here: dict from values of the current point to names.
    """

    plan: LoopPlan
    group: Any
    constants: dict[Any, str]
    place: dict[Any, int]
    names: dict[Any, str]
    here: dict[Any, str]

    def _row_values(self, loop):
        """ROW values that are known before loop number `loop`."""
        for node in self.group.nodes:
            tensor = node.outputs[0]
            if self.group.kinds[tensor] != ROW or self.plan.stage[tensor] != loop or tensor in self.names:
                continue
            if node in self.plan.reductions:
                text = self._reduced(node)
            elif node.operation.traits.role is Role.SPREADS:
                text = self._row_value(node.inputs[0])
            else:
                text = self._line(node, [self._row_value(x) for x in node.inputs])
            name = self.names[tensor] = f"r{len(self.names)}"
            self._write_row_value(name, tensor, text)

    def _row_value(self, tensor):
        if tensor in self.constants:
            return self.constants[tensor]
        if tensor in self.names:
            return self.names[tensor]
        return f"x{self.place[tensor, ROW]}"

    def _value(self, tensor, loop):
        """What holds this point of `tensor` in this loop."""
        if tensor in self.constants:
            return self.constants[tensor]
        if tensor in self.here:
            return self.here[tensor]
        if self.group.kinds.get(tensor) == ROW:
            return self.names[tensor]
        text = self._found(tensor, loop)
        if text is None:
            text = self._computed(self.plan.made[tensor], loop)
        if text.isidentifier():
            self.here[tensor] = text
            return text
        name = self.here[tensor] = self._name_of_point(loop)
        self._write_point(name, tensor, text, loop)
        return name

    def _found(self, tensor, loop):
        """Where a value is that this loop need not compute; None for any other."""
        if tensor not in self.plan.made:
            return self._load(tensor, loop)
        return self._kept_before(tensor) if self.plan.stage[tensor] < loop else None

    def _computed(self, node, loop):
        operands = [self._value(x, loop) for x in node.inputs]
        if node.operation.traits.role is Role.SPREADS:
            return operands[0]
        if node.operation.traits.role is Role.PUTS:
            return self._put(operands, node.outputs[0].dtype)
        return self._line(node, operands)

    def _name_of_point(self, loop):
        return f"v{len(self.here)}"
