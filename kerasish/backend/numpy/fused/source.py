"""A Group printed as the Python source of a kernel.

A kernel walks over the rows of its share. For each row it runs the loops over the columns that `plan.py` lays out; sums
over rows go to a place of the worker's own. Sizes, strides, addresses and numbers are arguments, so that one kernel
serves every shape that is walked through alike.

The names in the source, with a number for N (of the operand, the output, the value, ...) and A (of an axis of rows):

    r, j            the row and the column; iA: the row's index along an axis; restA: what is left of r on the way to it
    first           where the row begins in an array that lies row after row
    columns, dA     how many columns there are, and how many places an axis of rows has
    pN, pNsA        where an operand lies, and its stride along an axis of rows; pNstep: along the columns
    oN, xN          where the row begins in an operand; the operand's number of the row, or the one that it has
    yN              where an output lies
    cN              a constant
    rN              a ROW value of this row
    vL_N            a value at this point, in the loop L over the columns
    kN              where a value is kept from one loop to the next
    mN              what a reduction of the row has come to; wN: the same in float64, for long sums; bN, higherN: of an
                    argmax the largest so far, and whether this one is larger
    tN              a sum over rows: the number, or where the column sums lie; tNpart, tNwhole: those of a chunk of
                    rows, and of all chunks
    chunk, stop, end, base, block, inner    the rows of a chunk, and where the columns begin whose sums it adds to
    at, until       the columns of a part of a long sum
"""

from __future__ import annotations

from typing import Any

from kerasish.backend.fused.values import Values
from kerasish.backend.numpy.fused.arguments import (
    Columns,
    ColumnSumsOfAll,
    ColumnSumsOfChunk,
    Input,
    Kept,
    Number,
    Output,
    RowSize,
    RowsTogether,
    RowSum,
    Step,
    Stride,
)
from kerasish.backend.numpy.fused.expressions import accumulation, computed, line, literal
from kerasish.backend.numpy.fused.writer import Writer
from kerasish.backend.primitives.group import FULL, ROW
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.traits import Role
from kerasish.typing import Axis

# A long sum keeps its digits in two steps: so many numbers are added up in float32, which is vector code, and such
# parts in float64.
CHUNK = 256  # rows, one after the other
BLOCK = 1024  # columns, which go to the lanes of a vector in turns


class KernelSource(Values):
    """Prints the kernel of one Group for one way in which its operands lie.

    Args:
        plan: LoopPlan. operands: dict from (Tensor, FULL or ROW) to (which strides are not zero, step: 0, 1 or None for
            any). axes: number of axes of rows.
        long: bool, whether there are more than BLOCK columns, so that float32 sums of them go up in two steps.

    Attributes:
        text: the source. arguments: list of Arguments, what the kernel expects in `args`.
    """

    def __init__(self, plan: Any, operands: Any, axes: Axis, long: Any) -> None:
        self.plan: Any = plan
        self.group: Any = plan.group
        self.operands: Any = operands
        self.axes: Axis = axes
        self.long: Any = long
        self.write: Writer = Writer()
        self.names = {}
        self.place: dict[Any, int] = {key: place for place, key in enumerate(operands)}
        self.flat: bool = axes == 0 and self.group.boundary is None and not self.group.rows_only
        self._print()
        self.arguments: list[Any] = self.write.arguments
        self.text = "def kernel(args, lo, hi, worker):\n" + "\n".join(self.write.lines) + "\n"

    # -- what stands before the rows --------------------------------------------------------------------------------

    def _print(self):
        write = self.write
        write(f"columns = uint64({write.argument(Columns())})")
        for axis in range(1, self.axes):
            write(f"d{axis} = uint64({write.argument(RowSize(axis))})")
        self.constants: dict[Any, Any] = {}
        for tensor, value in self.group.constants.items():
            self.constants[tensor] = literal(value, tensor.dtype) or self._number(tensor)
        for place, key in enumerate(self.operands):
            self._declare(place, key)
        self.outputs: dict[Any, Any] = {}
        for place, tensor in enumerate(t for t in self.group.outputs if self.group.kinds[t] in (FULL, ROW)):
            self.outputs[tensor] = f"y{place}"
            write(f"y{place} = pointer({write.argument(Output(tensor))}, {_stored(tensor.dtype)})")
        for tensor, place in self.plan.kept.items():
            write(f"k{place} = {write.per_worker(Kept(tensor), _stored(tensor.dtype))}")
        self._walk()

    def _number(self, tensor):
        name = f"c{len(self.constants)}"
        self.write(f"{name} = {computed(tensor.dtype)}(number({self.write.argument(Number(tensor))}))")
        return name

    def _declare(self, place, key):
        tensor, _ = key
        strides, step = self.operands[key]
        write = self.write
        write(f"p{place} = pointer({write.argument(Input(key))}, {_stored(tensor.dtype)})")
        for axis, moves in enumerate(strides):
            if moves:
                write(f"p{place}s{axis} = uint64({write.argument(Stride((key, axis)))})")
        if step is None:
            write(f"p{place}step = uint64({write.argument(Step(key))})")
        if step == 0 and not any(strides):
            write(f"x{place} = {_read(f'p{place}[uint64(0)]', tensor.dtype)}")

    # -- rows ---------------------------------------------------------------------------------------------------------

    def _walk(self):
        write, group = self.write, self.group
        self.sums: dict[Any, str] = {node: f"t{i}" for i, node in enumerate(self.plan.terminals())}
        columns = [n for n in self.sums if not self.plan.is_total(n)]
        for node, name in self.sums.items():
            dtype = node.outputs[0].dtype
            if node in columns:
                write(f"{name} = {write.per_worker(RowSum(node), dtype)}")
                write(f"{name}part = {write.per_worker(ColumnSumsOfChunk(node), dtype)}")
                write(f"{name}whole = {write.per_worker(ColumnSumsOfAll(node), 'float64')}")
            else:
                write(f"{name} = float64(0)")
        if self.flat:
            self._loop(0, "uint64(lo)", "uint64(hi)")
            return
        if not columns:
            with write.block("for r in range(uint64(lo), uint64(hi)):"):
                self._row()
        elif group.period:
            write(f"inner = uint64({write.argument(RowsTogether())})")
            with write.block("for block in range(uint64(lo), uint64(hi)):"):
                self._chunks(columns, "block * inner", "block * inner + inner", "block * columns")
        else:
            self._chunks(columns, "uint64(lo)", "uint64(hi)", "uint64(0)")
        for node, name in self.sums.items():
            if node not in columns:
                dtype = node.outputs[0].dtype
                write(f"{write.per_worker(RowSum(node), dtype)}[0] = {dtype}({name})")

    def _chunks(self, columns, start, end, base):
        write = self.write
        names = [(self.sums[node], node.outputs[0].dtype) for node in columns]
        write(f"base = {base}")
        with write.block("for j in points(columns):"):
            for name, dtype in names:
                write(f"{name}part[j] = {dtype}(0)")
                write(f"{name}whole[j] = float64(0)")
        write(f"chunk = {start}")
        write(f"end = {end}")
        with write.block("while chunk < end:"):
            write(f"stop = min(chunk + uint64({CHUNK}), end)")
            with write.block("for r in range(chunk, stop):"):
                self._row()
            with write.block("for j in points(columns):"):
                for name, dtype in names:
                    write(f"{name}whole[j] = {name}whole[j] + float64({name}part[j])")
                    write(f"{name}part[j] = {dtype}(0)")
            write("chunk = stop")
        with write.block("for j in points(columns):"):
            for name, dtype in names:
                write(f"{name}[base + j] = {dtype}({name}whole[j])")

    def _row(self):
        write = self.write
        write("first = r * columns")
        self._row_indices()
        for place, key in enumerate(self.operands):
            strides, step = self.operands[key]
            if any(strides):
                offset = " + ".join(f"i{axis} * p{place}s{axis}" for axis, moves in enumerate(strides) if moves)
                write(f"o{place} = {offset}")
                if step == 0:
                    write(f"x{place} = {_read(f'p{place}[o{place}]', key[0].dtype)}")
        self.names: dict[Any, Any] = {}
        self._row_values(0)
        for loop in range(self.plan.last + 1):
            self._loop(loop, "uint64(0)", "columns")
            self._row_values(loop + 1)
        for tensor, name in self.outputs.items():
            if self.group.kinds[tensor] == ROW:
                write(f"{name}[r] = {_write(self._row_value(tensor), tensor.dtype)}")
        for node, name in self.sums.items():
            if self.plan.from_rows(node):
                write(f"{name} = {name} + float64({self._row_value(node.inputs[0])})")

    def _row_indices(self):
        if self.axes == 1:
            self.write("i0 = r")
            return
        rest = "r"
        for axis in range(self.axes - 1, 0, -1):
            self.write(f"i{axis} = {rest} % d{axis}")
            self.write(f"rest{axis} = {rest} // d{axis}")
            rest = f"rest{axis}"
        if self.axes:
            self.write(f"i0 = {rest}")

    def _reduced(self, node):
        return f"m{self.plan.reductions.index(node)}"

    def _line(self, node, operands):
        return line(node, operands)

    def _write_row_value(self, name, tensor, text):
        self.write(f"{name} = {text}")

    # -- columns ------------------------------------------------------------------------------------------------------

    def _loop(self, loop, start, end):
        write = self.write
        reductions = [n for n in self.plan.reductions if not self.plan.from_rows(n) and self.plan.loop_of(n) == loop]
        long = [
            n
            for n in reductions
            if self.long and n.operation is p.sum and n.inputs[0].dtype == "float32" and self._is_number(n)
        ]
        for node in reductions:
            if node in long:
                write(f"w{self.plan.reductions.index(node)} = float64(0)")
            elif self._is_number(node):
                write(f"m{self.plan.reductions.index(node)} = {_initial(node)}")
            if node.operation.traits.role is Role.FINDS:
                write(f"b{self.plan.reductions.index(node)} = {node.inputs[0].dtype}(-inf)")
        if long:
            write(f"at = {start}")
            with write.block(f"while at < {end}:"):
                write(f"until = min(at + uint64({BLOCK}), {end})")
                for node in long:
                    write(f"m{self.plan.reductions.index(node)} = {_initial(node)}")
                self._points(loop, reductions, "points(at, until)")
                for node in long:
                    place = self.plan.reductions.index(node)
                    write(f"w{place} = w{place} + float64(m{place})")
                write("at = until")
        else:
            self._points(loop, reductions, f"points({start}, {end})")
        for node in reductions:
            place = self.plan.reductions.index(node)
            if node in self.sums and self.plan.is_total(node):
                write(f"{self.sums[node]} = {self.sums[node]} + float64({'w' if node in long else 'm'}{place})")
            elif node in long:
                write(f"m{place} = {node.inputs[0].dtype}(w{place})")

    def _is_number(self, node):
        """Whether a loop over the columns makes one number of a reduction's operand, and not one a column."""
        return node not in self.sums or self.plan.is_total(node)

    def _points(self, loop, reductions, over):
        write = self.write
        self.here: dict[Any, Any] = {}
        with write.block(f"for j in {over}:"):
            before = len(write.lines)
            values = [self._value(tensor, loop) for tensor in self.plan.sinks[loop]]
            for node in reductions:
                self._accumulate(node, self._value(node.inputs[0], loop), loop)
            for tensor, value in zip(self.plan.sinks[loop], values):
                self._keep(tensor, value, loop)
            if len(write.lines) == before:
                write("pass")

    def _accumulate(self, node, value, loop):
        if not self._is_number(node):
            name = self.sums[node]
            self.write(f"{name}part[j] = {name}part[j] + {value}")
            return
        place = self.plan.reductions.index(node)
        name = f"m{place}"
        if node.operation.traits.role is Role.FINDS:  # the first of the largest, or the first NaN
            self.write(f"higher{place} = ({value} > b{place}) | (({value} != {value}) & (b{place} == b{place}))")
            self.write(f"{name} = int32(j) if higher{place} else {name}")
            self.write(f"b{place} = {value} if higher{place} else b{place}")
            return
        if node.operation.traits.role is Role.TAKES:
            chosen = f"int64(j) == int64({self._value(node.inputs[1], loop)})"
            self.write(f"{name} = vectorized({name}, {value} if {chosen} else {node.inputs[0].dtype}(0))")
            return
        self.write(f"{name} = {accumulation(node).join}({name}, {value})")

    def _keep(self, tensor, value, loop):
        if (
            tensor in self.outputs
            and self.group.kinds[tensor] == FULL
            and self.plan.stage[tensor] == loop
            and ("stored", tensor) not in self.here
        ):
            self.here["stored", tensor] = True
            place = "j" if self.flat else "first + j"
            self.write(f"{self.outputs[tensor]}[{place}] = {_write(value, tensor.dtype)}")
        if tensor in self.plan.kept and self.plan.stage[tensor] == loop and ("kept", tensor) not in self.here:
            self.here["kept", tensor] = True
            self.write(f"k{self.plan.kept[tensor]}[j] = {_write(value, tensor.dtype)}")

    def _kept_before(self, tensor):
        if tensor in self.outputs:
            return _read(f"{self.outputs[tensor]}[first + j]", tensor.dtype)
        return _read(f"k{self.plan.kept[tensor]}[j]", tensor.dtype) if tensor in self.plan.kept else None

    def _put(self, operands, dtype):
        return f"{operands[0]} if int64(j) == int64({operands[1]}) else {dtype}(0)"

    def _name_of_point(self, loop):
        return f"v{loop}_{len(self.here)}"

    def _write_point(self, name, tensor, text, loop):
        self.write(f"{name} = {text}")

    def _load(self, tensor, loop):
        place = self.place[tensor, FULL]
        strides, step = self.operands[tensor, FULL]
        if step == 0:
            return f"x{place}"
        column = "j" if step == 1 else f"j * p{place}step"
        return _read(f"p{place}[{f'o{place} + ' if any(strides) else ''}{column}]", tensor.dtype)


def _initial(node):
    dtype = node.inputs[0].dtype
    if node.operation.traits.role is not Role.REDUCES:
        return f"{node.outputs[0].dtype}(0)"
    found = accumulation(node)
    return f"{dtype}({found.start})" if dtype.startswith("float") else f"{found.least}_{dtype}"


def _stored(dtype):
    """The type that memory holds: a bool is a byte."""
    return "uint8" if dtype == "bool" else dtype


def _read(text, dtype):
    return f"{text} != uint8(0)" if dtype == "bool" else text


def _write(text, dtype):
    return f"uint8(1) if {text} else uint8(0)" if dtype == "bool" else text
