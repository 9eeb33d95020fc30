"""Launches of one expression over many arrays, as one launch: all parameters of an optimizer's step.

The kernel reads what each array needs (addresses, sizes, numbers) from a row of a table on the device, and finds its
row by the number of its block.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kerasish.backend.cupy.fused.bind import Launch, Machine, Printed
from kerasish.backend.cupy.fused.source import Source
from kerasish.backend.cupy.fused.walk import OUT
from kerasish.backend.cupy.fused.writer import Writer

_MOST = 512  # launches that are looked at together


def merged(steps: Sequence[Any], machine: Machine) -> list[Any]:
    """The steps with Launches of one expression, where nothing depends on their order, as one.

    Args:
        steps: what `bind_group` made and other steps, flat, in order. machine: the device.
    """
    done, waiting = [], _Waiting(machine)
    for step in steps:
        if not (isinstance(step, Launch) and _is_simple(step.binding)):
            done += waiting.flush()
            done.append(step)
            continue
        if not waiting.take(step):
            done += waiting.flush()
            waiting.take(step)
    return done + waiting.flush()


def _is_simple(binding):
    """Whether a launch walks over points that lie one behind the other, and adds up nothing."""
    if binding is None or not binding.walk.flat or binding.plan.terminals() or binding.index != "int":
        return False
    walk = binding.walk
    return len(walk.inner) <= 1 and all(step in (0, 1) for _, inner in walk.strides.values() for step in inner)


class _Waiting:
    """Launches that may run in any order."""

    def __init__(self, machine):
        self.machine, self.steps, self.read, self.written = machine, [], [], []

    def take(self, step):
        """Take `step` in, unless it must come after one that is here."""
        binding = step.binding
        read = [self._range(array) for key, array in binding.arrays.items() if key[1] != OUT]
        written = [self._range(array) for key, array in binding.arrays.items() if key[1] == OUT]
        depends = _meet(written, self.read) or _meet(written, self.written) or _meet(read, self.written)
        if self.steps and (depends or len(self.steps) >= _MOST):
            return False
        self.steps.append(step)
        self.read += read
        self.written += written
        return True

    def _range(self, array):
        low = self.machine.address(array)
        size = array.itemsize
        for n, stride in zip(array.shape, array.strides):
            size += (n - 1) * stride
        return low, low + size

    def flush(self):
        """The Launches, those of one expression joined; and nothing is left here."""
        alike = {}
        for step in self.steps:
            source = _source(step.binding)
            alike.setdefault(source.name, (source, []))[1].append(step)
        self.steps, self.read, self.written = [], [], []
        return [
            launches[0] if len(launches) == 1 else _joined(source, launches, self.machine)
            for source, launches in alike.values()
        ]


def _meet(ranges, others):
    return any(low < end and begin < high for low, high in ranges for begin, end in others)


def _source(binding):
    """The kernel for many arrays that lie as those of `binding` do."""
    key = "many", binding.walk.lies(), binding.layout.printed()
    kernels = binding.plan.kernels
    if key not in kernels:
        kernels[key] = _TableSource(binding.plan, binding.walk, binding.layout, "int")
    return kernels[key]


def _joined(source, launches, machine):
    first, rows, moved = 0, [], 0
    for launch in launches:
        binding = launch.binding
        own = _source(binding).arguments  # the same in text, of tensors of its own
        rows.append([first, *(_entry(argument(binding), machine) for argument in own)])
        first += binding.blocks
        moved += launch.printed.moved
    width = len(rows[0])
    table = machine.upload(np.array(rows, np.int64).reshape(len(rows), width))
    printed = Printed(source.text, source.name, (first,), (source.layout.threads,), moved=moved)
    return Launch(machine, printed, (table, np.int32(len(rows))), keep=launches)


def _entry(argument, machine):
    """An argument as an int64: an address, a number's bits as a float64, or a size."""
    if hasattr(argument, "strides") and not isinstance(argument, np.generic):
        return machine.address(argument)
    if isinstance(argument, np.floating):
        return struct.unpack("q", struct.pack("d", float(argument)))[0]
    return int(argument)


class _TableWriter(Writer):
    """Parameters are read from the row of the table that the block belongs to."""

    block_index = "(I)(blockIdx.x - mine[0])"
    tails = True

    def __init__(self):
        super().__init__()
        self.columns = 1
        self("int row = 0, behind = rows_of_table;  // the last row that begins no later than this block")
        with self.block("while (behind - row > 1)"):
            self("const int middle = (row + behind) / 2;")
            self("if (table[middle * WIDTH] <= (long long)blockIdx.x) row = middle; else behind = middle;")
        self("const long long* mine = table + row * WIDTH;")

    def parameter(self, kind: str, name: str, argument: Callable[[Any], Any]) -> str:
        self.arguments.append(argument)
        cell = f"mine[{self.columns}]"
        self.columns += 1
        plain = kind.removeprefix("const ")
        if kind.endswith("*") or plain not in ("float", "double"):
            self(f"{kind if kind.endswith('*') else 'const ' + plain} {name} = ({kind})({cell});")
        else:
            self(f"{kind} {name} = ({plain})__longlong_as_double({cell});")
        return name

    def kernel(self, name: str, threads: int) -> str:
        self.declarations = ["const long long* table", "const int rows_of_table"]
        return super().kernel(name, threads).replace("WIDTH", str(self.columns))


class _TableSource(Source):
    writer = _TableWriter
