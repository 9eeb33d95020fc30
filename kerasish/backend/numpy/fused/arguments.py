"""What a printed kernel expects in its array `args`.

A class for each kind, which finds the number when arrays are bound. `source.py` asks for them; `bind.py` has the
arrays: it is what `value` is given.
"""

from __future__ import annotations

import struct
from math import prod
from typing import Any


class Argument:
    """One int64 of `args`. `of`: what it is about, a Tensor, a Node, an axis or an operand's key."""

    __slots__ = ("of",)

    def __init__(self, of: Any = None) -> None:
        self.of: Any = of

    def value(self, binding: Any) -> int:
        """The number."""
        raise NotImplementedError


class Columns(Argument):
    """How many columns there are."""

    def value(self, binding: Any) -> int:
        return binding.walk.columns


class RowSize(Argument):
    """The size of an axis of rows."""

    def value(self, binding: Any) -> int:
        return binding.walk.rows[self.of]


class RowsTogether(Argument):
    """How many rows are added up for each place of the axes before the Group's `period`."""

    def value(self, binding: Any) -> int:
        group = binding.group
        return prod(group.space[group.period : group.boundary])


class Number(Argument):
    """A constant, as the bits of a float64."""

    def value(self, binding: Any) -> int:
        return struct.unpack("q", struct.pack("d", float(binding.group.constants[self.of])))[0]


class Input(Argument):
    """The address of an operand."""

    def value(self, binding: Any) -> int:
        return binding.operands[self.of].array.ctypes.data


class Stride(Argument):
    """An operand's stride along an axis of rows. `of`: (the operand's key, the axis)."""

    def value(self, binding: Any) -> int:
        key, axis = self.of
        return binding.operands[key].strides[axis]


class Step(Argument):
    """An operand's stride along the columns."""

    def value(self, binding: Any) -> int:
        return binding.operands[self.of].step


class Output(Argument):
    """The address of a FULL or ROW output."""

    def value(self, binding: Any) -> int:
        return binding.output(self.of)


class PerWorker(Argument):
    """The address of memory of which every worker has `columns` numbers of its own."""

    def value(self, binding: Any) -> int:
        return binding.own(self, binding.walk.columns, self.dtype).ctypes.data

    @property
    def dtype(self) -> str:
        """What is kept there."""
        raise NotImplementedError

    @property
    def key(self) -> Any:
        """What tells this memory from other memory."""
        return type(self), self.of


class Kept(PerWorker):
    """The values of a FULL tensor that a later loop over the same row reads."""

    @property
    def dtype(self) -> str:
        return self.of.dtype


class ColumnSumsOfChunk(PerWorker):
    """Of a sum over rows with a number a column: what the rows of a chunk add up to, in the output's dtype."""

    @property
    def dtype(self) -> str:
        return self.of.outputs[0].dtype


class ColumnSumsOfAll(PerWorker):
    """Of a sum over rows with a number a column: what the chunks add up to, in float64."""

    @property
    def dtype(self) -> str:
        return "float64"


class RowSum(PerWorker):
    """Where a sum over rows goes: to the output, or to a row of each worker's, which a step of its own adds up."""

    def value(self, binding: Any) -> int:
        return binding.row_sum(self)

    @property
    def dtype(self) -> str:
        return self.of.outputs[0].dtype


class BytesPerWorker(Argument):
    """How far the memory of one worker is from that of the next; 0 where they share it. `of`: a PerWorker."""

    def value(self, binding: Any) -> int:
        found = binding.scratch.get(self.of.key)
        return 0 if found is None else found.strides[0]
