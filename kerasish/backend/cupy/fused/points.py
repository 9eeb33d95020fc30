"""The part of a kernel that does a few points of one row: what is loaded, computed, kept and stored there.

`source.py` has the names in the text, and what stands around it.
"""

from __future__ import annotations

from typing import Any

from kerasish.backend.cupy.fused.expressions import accumulation, computed, line, read, stored, written
from kerasish.backend.cupy.fused.layout import Layout
from kerasish.backend.cupy.fused.walk import OUT, Walk
from kerasish.backend.cupy.fused.writer import Writer
from kerasish.backend.fused.plan import LoopPlan
from kerasish.backend.fused.values import Values
from kerasish.backend.primitives.group import FULL
from kerasish.backend.primitives.traits import Role


class Points(Values):
    """Prints what a loop over the columns does at its points.

    Attributes:
        place, sums: dicts from an operand and from a sum over rows to its number. loads: dict from an operand to the
            loops that read it. held: dict from an operand to its number, of those that stay in registers.
        live: the name of the variable that says whether there is a row, or None where there always is.
    """

    plan: LoopPlan
    group: Any
    walk: Walk
    layout: Layout
    write: Writer
    place: dict[Any, int]
    constants: dict[Any, str]
    names: dict[Any, str]
    sums: dict[Any, int]
    by_column: list[Any]
    loads: dict[Any, set[int]]
    held: dict[Any, int]
    in_registers: bool
    live: str | None

    def _point(self, loop, reductions, vector, slot):
        """What loop number `loop` does at `vector` points from column j on."""
        write = self.write
        self._indices("j", "e", "j", len(self.walk.inner)) if len(self.walk.inner) > 1 else None
        self.here: dict[Any, str] = {}
        self.vector, self.slot = vector, f"{slot} * {vector} + u" if slot else None
        self.before, self.within, self.behind = [], [], []
        values = [self._value(tensor, loop) for tensor in self.plan.sinks[loop]]
        for node in reductions:
            self._accumulate(node, self._value(node.inputs[0], loop), loop)
        for tensor, value in zip(self.plan.sinks[loop], values):
            self._keep(tensor, value, loop)
        for text in self.before:
            write(text)
        with write.block(f"for (int u = 0; u < {vector}; u++)", unrolled=True):
            for text in self.within:
                write(text)
        for text in self.behind:
            write(text)

    def _accumulate(self, node, value, loop):
        within = self.within.append
        if node in self.by_column:
            value = f"{self.live} ? {value} : 0" if self.live else value
            within(f"t{self.sums[node]}[{self.slot}] += {value};")
            return
        place, kind = self.plan.reductions.index(node), computed(node.inputs[0].dtype)
        role = node.operation.traits.role
        if role is Role.FINDS:
            within(f"m{place} = First()(m{place}, Found<{kind}>{{{value}, (int)(j + u)}});")
        elif role is Role.TAKES:
            chosen = f"(long long)(j + u) == (long long){self._value(node.inputs[1], loop)}"
            within(f"m{place} += {chosen} ? {value} : 0;")
        else:
            within(f"m{place} = {accumulation(node).join}(m{place}, {value});")

    def _keep(self, tensor, value, loop):
        if self.plan.stage[tensor] != loop or ("kept", tensor) in self.here:
            return
        self.here["kept", tensor] = value
        key = tensor, OUT
        if key in self.place and self.plan.is_full(tensor):
            place, kind = self.place[key], stored(tensor.dtype)
            alive = f"if ({self.live}) " if self.live else ""
            inner = self.walk.strides[key][1]
            if inner and inner[-1] == 1:
                self.before.append(f"Vec<{kind}, {self.vector}> b{place};")
                self.within.append(f"b{place}.at[u] = {written(value, tensor.dtype)};")
                self.behind.append(f"{alive}*(Vec<{kind}, {self.vector}>*)(p{place} + {self._at(key)}) = b{place};")
            else:
                self.within.append(f"{alive}p{place}[{self._at(key)}] = {written(value, tensor.dtype)};")
        kept = self._kept()
        if tensor in kept and self.slot:
            self.within.append(f"g{kept[tensor]}[{self.slot}] = {value};")

    def _kept_before(self, tensor):
        if self.slot and tensor in self._kept():
            return f"g{self._kept()[tensor]}[{self.slot}]"
        key = tensor, OUT
        return (
            read(f"p{self.place[key]}[{self._at(key)}{self._within(key)}]", tensor.dtype) if key in self.place else None
        )

    def _put(self, operands, dtype):
        return f"(long long)(j + u) == (long long){operands[1]} ? {operands[0]} : 0"

    def _line(self, node, operands):
        return line(node, operands)

    def _write_point(self, name, tensor, text, loop):
        self.within.append(f"const {computed(tensor.dtype)} {name} = {text};")
        if tensor in self.held and self.slot and loop == min(self.loads[tensor]):
            self.within.append(f"h{self.held[tensor]}[{self.slot}] = {name};")

    def _load(self, tensor, loop):
        key = tensor, FULL
        place, (_, inner) = self.place[key], self.walk.strides[key]
        if not any(inner):
            return f"x{place}"
        self.loads.setdefault(tensor, set()).add(loop)
        if tensor in self.held and self.slot and loop > min(self.loads[tensor]):
            return f"h{self.held[tensor]}[{self.slot}]"
        if inner[-1] != 1:
            return read(f"p{place}[{self._at(key)}]", tensor.dtype)
        kind = f"Vec<{stored(tensor.dtype)}, {self.vector}>"
        self.before.append(f"const {kind} a{place} = *(const {kind}*)(p{place} + {self._at(key)});")
        return read(f"a{place}.at[u]", tensor.dtype)

    def _at(self, key):
        """Where column j of this row lies in an operand."""
        place, (outer, inner) = self.place[key], self.walk.strides[key]
        terms = [f"o{place}"] if any(outer) else []
        for axis, stride in enumerate(inner):
            index = f"j{axis}" if len(inner) > 1 else "j"
            if stride:
                terms.append(index if stride == 1 else f"{index} * p{place}t{axis}")
        return " + ".join(terms) or "0"

    def _within(self, key):
        inner = self.walk.strides[key][1]
        return " + u" if inner and inner[-1] == 1 else ""

    def _indices(self, name, size, whole, axes):
        """Indices along axes, of a number that counts all of them."""
        if axes == 1 and whole != name:
            self.write(f"const I {name}0 = {whole};")
        rest = whole
        for axis in range(axes - 1, 0, -1):
            self.write(f"const I {name}{axis} = {rest} % {size}{axis};")
            rest = f"{rest} / {size}{axis}"
            if axis > 1:
                self.write(f"const I {name}rest{axis} = {rest};")
                rest = f"{name}rest{axis}"
        if axes > 1:
            self.write(f"const I {name}0 = {rest};")

    def _kept(self):
        """Values that a later loop needs and that stay in registers: dict to their numbers."""
        if not self.in_registers:
            return {}
        wanted = [*self.plan.kept, *(t for t in self.group.outputs if self._is_needed_later(t))]
        return {t: place for place, t in enumerate(dict.fromkeys(wanted))}

    def _is_needed_later(self, tensor):
        return self.plan.is_full(tensor) and self.plan.stage[tensor] < self.plan.last
