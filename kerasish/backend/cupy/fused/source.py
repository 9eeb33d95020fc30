"""A Group printed as a kernel in CUDA C.

A flat walk has a thread for each few points. Where there are rows, `layout.across` threads share one, a block does
`at_once` rows at a time, and goes on to the next ones where they are added up. What a thread needs of its columns in a
later loop over the same row it keeps in registers.

The names in the source, with a number for N (of the operand, the value, ...) and A (of an axis):

    I               the type of an index: int where 32 bits are enough
    r, j            the row and the column; iA, jA: indices along axes of rows and columns; dA, eA: their sizes
    tx, ty          which of the threads of a row this is, and which of the rows at once
    live            whether there is a row for this thread
    k, u            which of the thread's vectors, and which point of it
    pN, pNsA, pNtA  where an operand lies, and its strides along axes of rows and of columns
    oN, xN, aN      where the row begins in an operand; its number of the row, or the one it has; a vector of it
    bN              a vector that is written
    cN, rN, vN      a constant; a ROW value of this row; a value at this point
    hN, gN          an operand, and a value made before, that are kept in registers for a later loop
    mN, sN          what a reduction has come to, and shared memory for it
    tN, wN, qN      sums over rows: for each column of the thread; a total; where the block's share of either goes
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from kerasish.backend.cupy.fused.expressions import (
    accumulation,
    computed,
    literal,
    read,
    smallest,
    stored,
    written,
)
from kerasish.backend.cupy.fused.layout import Layout
from kerasish.backend.cupy.fused.points import Points
from kerasish.backend.cupy.fused.walk import OUT, Walk
from kerasish.backend.cupy.fused.writer import Writer
from kerasish.backend.fused.plan import LoopPlan
from kerasish.backend.primitives.group import FULL, ROW
from kerasish.backend.primitives.traits import Role

_UNROLLED = 4  # turns of a loop over a thread's vectors


class Source(Points):
    """Prints the kernel of one Group, for one way in which its operands lie and one layout.

    Args:
        plan: LoopPlan. walk: Walk. layout: Layout. index: the C type of an index.

    Attributes:
        name: the kernel's name, which says its text. text: the kernel. arguments: functions that give its arguments,
            from the Binding. reads: dict from an operand to how many times its numbers are read from memory.
    """

    writer = Writer

    def __init__(self, plan: LoopPlan, walk: Walk, layout: Layout, index: str) -> None:
        self.plan, self.group, self.walk, self.layout, self.index = plan, plan.group, walk, layout, index
        self.keys = list(walk.strides)
        self.place = {key: place for place, key in enumerate(self.keys)}
        self.tail = self.writer.tails or walk.flat and walk.points % layout.vector != 0
        self.in_registers = 0 < layout.each <= _UNROLLED
        self.loads: dict[Any, set[int]] = {}
        self.held: dict[Any, int] = {}
        self._print()
        again = [x for x, loops in self.loads.items() if len(loops) > 1]
        if again and self.in_registers:
            self.held = {x: place for place, x in enumerate(again)}
            self._print()
        self.arguments = self.write.arguments
        said = self.write.kernel("NAME", layout.threads)
        self.name = "fused_" + hashlib.sha256(said.encode()).hexdigest()[:16]
        self.text = said.replace("NAME(", f"{self.name}(", 1)
        self.reads = {
            key: len(self.loads.get(key[0], ())) or 1 if key[0] not in self.held and key[1] == FULL else 1
            for key in self.keys
            if key[1] != OUT
        }

    # -- what stands before the rows --------------------------------------------------------------------------------

    def _print(self):
        self.write = write = self.writer()
        self.constants: dict[Any, str] = {}
        self.names: dict[Any, str] = {}
        self.shared: dict[str, str] = {}
        write(f"typedef {self.index} I;")
        for tensor, value in self.group.constants.items():
            self.constants[tensor] = literal(value, tensor.dtype) or self._number(tensor, value)
        for key in self.keys:
            self._declare(key)
        for axis in range(1, len(self.walk.outer)):
            self._size(f"d{axis}", lambda b, axis=axis: b.walk.outer[axis])
        for axis in range(1, len(self.walk.inner)):
            self._size(f"e{axis}", lambda b, axis=axis: b.walk.inner[axis])
        self.sums = {node: place for place, node in enumerate(self.plan.terminals())}
        self.by_column = [n for n in self.sums if not self.plan.is_total(n)]
        for node, place in self.sums.items():
            dtype = node.outputs[0].dtype
            write.parameter(f"{stored(dtype)}*", f"q{place}", lambda b, node=node: b.sum(node))
            if node not in self.by_column:
                write(f"double w{place} = 0;")
        (self._flat if self.walk.flat else self._rows)()
        for node, place in self.sums.items():
            if node not in self.by_column:
                self._finish_total(node, place)

    def _size(self, name, argument):
        number = np.int32 if self.index == "int" else np.int64  # CuPy asks how wide an int is
        return self.write.parameter(f"const {self.index}", name, lambda binding: number(argument(binding)))

    def _number(self, tensor, value):
        kind, name = computed(tensor.dtype), f"c{len(self.constants)}"
        return self.write.parameter(f"const {kind}", name, lambda b: b.number(value, tensor.dtype))

    def _declare(self, key):
        tensor, role = key
        place, (outer, inner), write = self.place[key], self.walk.strides[key], self.write
        const = "" if role == OUT else "const "
        write.parameter(f"{const}{stored(tensor.dtype)}*", f"p{place}", lambda b: b.arrays[key])
        for axis, stride in enumerate(outer):
            if stride:
                self._size(f"p{place}s{axis}", lambda b, axis=axis: b.walk.strides[key][0][axis])
        for axis, stride in enumerate(inner):
            if stride not in (0, 1):
                self._size(f"p{place}t{axis}", lambda b, axis=axis: b.walk.strides[key][1][axis])
        if role != OUT and not any(outer) and not any(inner):
            write(f"const {computed(tensor.dtype)} x{place} = {read(f'p{place}[0]', tensor.dtype)};")

    # -- a flat walk --------------------------------------------------------------------------------------------------

    def _flat(self):
        write, layout = self.write, self.layout
        self._size("points", lambda b: b.walk.points)
        self.live = None
        reductions = self._reductions(0)
        at = f"((I)threadIdx.x) * {layout.vector}"
        if not self.sums:
            write(f"const I j = {write.block_index} * {layout.threads * layout.vector} + {at};")
            self._flat_point(reductions)
            return
        self._size("chunk", lambda b: b.layout.chunk)
        self._begin(reductions)
        write("const I begin = (I)blockIdx.x * chunk, end = begin + chunk < points ? begin + chunk : points;")
        with write.block(f"for (I j = begin + {at}; j < end; j += {layout.threads * layout.vector})"):
            self._flat_point(reductions)
        self._add_to_totals(reductions)

    def _flat_point(self, reductions):
        write, vector = self.write, self.layout.vector
        with write.block(f"if (j + {vector} <= points)"):
            self._point(0, reductions, vector, None)
        if self.tail:
            with write.block("else for (I whole = j, j = whole; j < points; j++)"):
                self._point(0, reductions, 1, None)

    # -- rows ---------------------------------------------------------------------------------------------------------

    def _rows(self):
        write, layout = self.write, self.layout
        across, at_once = layout.across, layout.at_once
        write(f"const int tx = threadIdx.x % {across};" if at_once > 1 else "const int tx = threadIdx.x;")
        if at_once > 1:
            write(f"const int ty = threadIdx.x / {across};")
        self._size("rows", lambda b: b.walk.rows)
        self._size("columns", lambda b: b.walk.columns)
        row = "ty" if at_once > 1 else "0"
        self.live = "live" if at_once > 1 else None
        if not self.sums:
            self._row(f"(I)blockIdx.x * {at_once} + {row}", "rows", "rows - 1")
            return
        for name in ("tiles", "strips", "chunk"):
            self._size(name, lambda b, name=name: getattr(b.layout, name))
        self._size("together", lambda b: b.walk.rows // b.layout.places)
        write("const I tile = blockIdx.x % tiles, part = blockIdx.x / tiles, strip = part % strips;")
        write("const I first = part / strips * together, begin = first + strip * chunk;")
        write("const I end = strip * chunk + chunk < together ? begin + chunk : first + together;")
        each = layout.each * layout.vector
        for node in self.by_column:
            kind = computed(node.outputs[0].dtype)
            write(f"{kind} t{self.sums[node]}[{each}];")
        if self.by_column:
            with write.block(f"for (int e = 0; e < {each}; e++)", unrolled=each <= 16):
                for node in self.by_column:
                    write(f"t{self.sums[node]}[e] = 0;")
        with write.block(f"for (I base = begin; base < end; base += {at_once})"):
            self._row(f"base + {row}", "end", "begin")
            if any(of_block for of_block in self.shared.values()):
                write("__syncthreads();")
        for node in self.by_column:
            self._finish_columns(node)

    def _row(self, text, limit, other):
        write = self.write
        if self.live:
            write(f"const I wanted = {text};")
            write(f"const bool live = wanted < {limit};")
            write(f"const I r = live ? wanted : {other};")
        else:
            write(f"const I r = {text};")
        self._indices("i", "d", "r", len(self.walk.outer))
        for key in self.keys:
            self._begin_operand(key)
        self.names = {}
        kept = {t: place for t, place in self._kept().items()}
        size = self.layout.each * self.layout.vector
        for x, place in self.held.items():
            write(f"{computed(x.dtype)} h{place}[{size}];")
        for t, place in kept.items():
            write(f"{computed(t.dtype)} g{place}[{size}];")
        self._row_values(0)
        for loop in range(self.plan.last + 1):
            self._loop(loop)
            self._row_values(loop + 1)
        leader = " && ".join(["tx == 0"] * (self.layout.across > 1) + [self.live or ""][: bool(self.live)]) or "true"
        for key in self.keys:
            tensor, role = key
            if role == OUT and self.group.kinds[tensor] == ROW:
                place = self.place[key]
                at = f"o{place}" if any(self.walk.strides[key][0]) else "0"
                write(f"if ({leader}) p{place}[{at}] = {written(self._row_value(tensor), tensor.dtype)};")
        for node, place in self.sums.items():
            if self.plan.from_rows(node):
                write(f"if ({leader}) w{place} += (double){self._row_value(node.inputs[0])};")

    def _begin_operand(self, key):
        tensor, role = key
        place, (outer, inner), write = self.place[key], self.walk.strides[key], self.write
        if not any(outer):
            return
        offset = " + ".join(f"i{axis} * p{place}s{axis}" for axis, stride in enumerate(outer) if stride)
        write(f"const I o{place} = {offset};")
        if role != OUT and not any(inner):
            write(f"const {computed(tensor.dtype)} x{place} = {read(f'p{place}[o{place}]', tensor.dtype)};")

    def _reduced(self, node):
        name = f"m{self.plan.reductions.index(node)}"
        return f"{name}.at" if node.operation.traits.role is Role.FINDS else name

    def _write_row_value(self, name, tensor, text):
        self.write(f"const {computed(tensor.dtype)} {name} = {text};")

    # -- loops over the columns ---------------------------------------------------------------------------------------

    def _reductions(self, loop):
        return [n for n in self.plan.reductions if not self.plan.from_rows(n) and self.plan.loop_of(n) == loop]

    def _loop(self, loop):
        write, layout = self.write, self.layout
        reductions = self._reductions(loop)
        self._begin(reductions)
        vector, across, each = layout.vector, layout.across, layout.each
        if each:
            with write.block(f"for (int k = 0; k < {each}; k++)", unrolled=each <= _UNROLLED):
                tile = f"tile * {each * across} + " if self.sums else ""
                write(f"const I j = ({tile}k * {across} + tx) * {vector};")
                with write.block("if (j < columns)"):
                    self._point(loop, reductions, vector, "k")
        else:
            with write.block(f"for (I j = (I)tx * {vector}; j < columns; j += {across * vector})"):
                self._point(loop, reductions, vector, None)
        self._join_threads(reductions)
        self._add_to_totals(reductions)

    def _begin(self, reductions):
        for node in reductions:
            if node in self.by_column:
                continue
            place, kind = self.plan.reductions.index(node), computed(node.inputs[0].dtype)
            if node.operation.traits.role is Role.FINDS:
                self.write(f"Found<{kind}> m{place} = {{{smallest(kind)}, 0}};")
            elif node.operation.traits.role is Role.TAKES:
                self.write(f"{kind} m{place} = 0;")
            else:
                self.write(f"{kind} m{place} = {accumulation(node).start(kind)};")

    def _join_threads(self, reductions):
        """What the threads of a row have come to, as one number that all of them know."""
        across, threads = self.layout.across, self.layout.threads
        for node in reductions:
            if node in self.sums or across == 1:
                continue
            place, kind = self.plan.reductions.index(node), computed(node.inputs[0].dtype)
            join = {Role.FINDS: "First()", Role.TAKES: "Add()"}.get(node.operation.traits.role)
            join = join or accumulation(node).join
            if across < threads:
                self.write(f"m{place} = of_lanes<{across}>(m{place}, {join});")
                continue
            kind = f"Found<{kind}>" if join == "First()" else kind
            self.shared[f"s{place}"] = kind
            self.write(f"__shared__ {kind} s{place}[32];")
            self.write(f"m{place} = of_block<{threads}>(m{place}, {join}, s{place});")

    def _add_to_totals(self, reductions):
        for node in reductions:
            if node in self.sums and node not in self.by_column:
                alive = f"if ({self.live}) " if self.live else ""
                self.write(f"{alive}w{self.sums[node]} += (double)m{self.plan.reductions.index(node)};")

    # -- behind the rows ----------------------------------------------------------------------------------------------

    def _finish_columns(self, node):
        write, layout, place = self.write, self.layout, self.sums[node]
        kind = computed(node.outputs[0].dtype)
        if layout.at_once > 1:
            write(f"__shared__ {kind} all{place}[{layout.threads}];")
        with write.block(f"for (int k = 0; k < {layout.each}; k++)", unrolled=layout.each <= _UNROLLED):
            write(f"const I j = (tile * {layout.each * layout.across} + k * {layout.across} + tx) * {layout.vector};")
            with write.block(f"for (int u = 0; u < {layout.vector}; u++)", unrolled=True):
                slot = f"k * {layout.vector} + u"
                target = f"q{place}[part * columns + j + u]"
                if layout.at_once == 1:
                    write(f"if (j < columns) {target} = t{place}[{slot}];")
                    return
                write(f"all{place}[threadIdx.x] = t{place}[{slot}];")
                write("__syncthreads();")
                with write.block("if (ty == 0 && j < columns)"):
                    write("double sum = 0;")
                    with write.block(f"for (int y = 0; y < {layout.at_once}; y++)"):
                        write(f"sum += (double)all{place}[y * {layout.across} + tx];")
                    write(f"{target} = ({kind})sum;")
                write("__syncthreads();")

    def _finish_total(self, node, place):
        write, threads = self.write, self.layout.threads
        write(f"__shared__ double whole{place}[32];")
        write(f"w{place} = of_block<{threads}>(w{place}, Add(), whole{place});")
        write(f"if (threadIdx.x == 0) q{place}[blockIdx.x] = ({computed(node.outputs[0].dtype)})w{place};")
