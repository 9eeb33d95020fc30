"""A Group's kernel bound to arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Protocol

import numpy as np

from kerasish.backend.cupy.fused import finish
from kerasish.backend.cupy.fused.expressions import is_sayable
from kerasish.backend.cupy.fused.layout import itemsize, layout
from kerasish.backend.cupy.fused.preamble import PREAMBLE
from kerasish.backend.cupy.fused.source import Source
from kerasish.backend.cupy.fused.walk import Walk, operands
from kerasish.backend.float_formats import HALVES
from kerasish.backend.fused.plan import LoopPlan

HEAD = PREAMBLE + finish.FINISH
_FEW = 2**31 - 2**20  # elements that an int counts, with what a block reads behind the last one


@dataclass(frozen=True)
class Printed:
    """A kernel, and how it is launched.

    Attributes:
        body: the text of the kernel alone: `joined` puts many in one program. name: of the kernel; it says the text.
        grid, block: tuples of ints. shared_mem: bytes of dynamic shared memory. moved: bytes of memory that it reads
            and writes.
    """

    body: str
    name: str
    grid: tuple[int, ...]
    block: tuple[int, ...]
    shared_mem: int = 0
    moved: int = 0

    @property
    def code(self) -> str:
        """The whole program."""
        return HEAD + self.body


def joined(kernels: Sequence[Printed]) -> str:
    """One program of many kernels."""
    return HEAD + "\n".join({kernel.name: kernel.body for kernel in kernels}.values())


class Machine(Protocol):
    """What a binding asks of the device."""

    def launch(self, printed: Printed, arguments: tuple[Any, ...]) -> None:
        """Run a kernel. Arguments: device arrays (their addresses), and NumPy scalars of the parameters' widths."""

    def empty(self, shape: tuple[int, ...], dtype: str) -> Any:
        """A device array."""

    def address(self, array: Any) -> int:
        """Where a device array begins."""

    def upload(self, array: Any) -> Any:
        """A device array with the numbers of a host array."""


class Launch:
    """A step: a kernel with its arguments. Called, it is launched.

    Attributes:
        printed: Printed. arguments: tuple. binding: the Binding that it is all of, or None. keep: what must not go
            while the step may be run.
    """

    __slots__ = ("arguments", "binding", "keep", "launch", "printed")

    def __init__(
        self,
        machine: Machine,
        printed: Printed,
        arguments: tuple[Any, ...],
        binding: Binding | None = None,
        keep: Any = None,
    ) -> None:
        self.launch, self.printed, self.arguments = machine.launch, printed, arguments
        self.binding, self.keep = binding, keep

    @property
    def moved(self) -> int:
        """Bytes of memory that it reads and writes."""
        return self.printed.moved

    def __call__(self) -> None:
        self.launch(self.printed, self.arguments)


def bind_group(group: Any, out: Sequence[Any], inputs: Sequence[Any], machine: Machine) -> list[Launch]:
    """Steps that compute `group` from device arrays `inputs` into device arrays `out`.

    Args:
        group: Group, all of whose nodes `can_print` says can be printed.
        out, inputs: arrays with `shape`, `strides` in bytes and `itemsize`, in the order of `group.outputs` and
            `group.inputs`. Sums over rows go to contiguous ones; all others may lie as they like.
        machine: the device's `launch`, `empty`, `address` and `upload`.
    """
    return Binding(group, out, inputs, machine).steps


def printed(group: Any) -> list[Printed]:
    """The kernels of a Group whose arrays lie row after row: to be read, compiled or counted, where no card is."""
    out, inputs = ([_Laid(t.shape, itemsize(t.dtype)) for t in tensors] for tensors in (group.outputs, group.inputs))
    return [step.printed for step in bind_group(group, out, inputs, _Nowhere())]


def can_print(group: Any) -> bool:
    """Whether all nodes of a Group have words in CUDA C."""
    return all(map(is_sayable, group.nodes))


class Binding:
    """A Group, its arrays, and the steps that compute it.

    Attributes:
        steps: list of Launches. walk: Walk. layout: Layout. source: Source.
    """

    def __init__(self, group: Any, out: Sequence[Any], inputs: Sequence[Any], machine: Machine) -> None:
        self.group, self.machine = group, machine
        self.plan = group.plan = group.plan or LoopPlan(group)
        self.given = {**dict(zip(group.inputs, inputs)), **dict(zip(group.outputs, out))}
        self.arrays = {key: self.given[key[0]] for key in operands(group)}
        self.walk = Walk(self.plan, self.arrays)
        aligned = {key: _alignment(machine.address(array)) for key, array in self.arrays.items()}
        self.layout = layout(self.plan, self.walk, aligned)
        self.index = "int" if self.walk.farthest < _FEW else "long long"
        self.source = self._source()
        self.shares = self._shares()
        arguments = tuple(argument(self) for argument in self.source.arguments)
        self.steps = [Launch(machine, self._printed(), arguments, None if self.shares else self)]
        if self.shares:
            self.steps.append(self._finish())

    def _source(self):
        """The kernel for operands that lie so; kept, because a loop binds a group once a turn."""
        tail = self.walk.flat and self.walk.points % self.layout.vector != 0
        key = "cuda", self.walk.lies(), self.layout.printed(), self.index, tail
        kernels = self.plan.kernels
        if key not in kernels:
            kernels[key] = Source(self.plan, self.walk, self.layout, self.index)
        return kernels[key]

    @property
    def blocks(self) -> int:
        """Blocks of the grid."""
        walk, lay = self.walk, self.layout
        if walk.flat and not self.plan.terminals():
            return -(-walk.points // (lay.threads * lay.vector))
        if not self.plan.terminals():
            return -(-walk.rows // lay.at_once)
        return lay.places * lay.strips * lay.tiles

    def _printed(self):
        moved = sum(times * _bytes(self.arrays[key]) for key, times in self.source.reads.items())
        moved += sum(_bytes(self.given[t]) for t in self.group.outputs)
        return Printed(self.source.text, self.source.name, (self.blocks,), (self.layout.threads,), moved=moved)

    # -- sums over rows -----------------------------------------------------------------------------------------------

    def _shares(self):
        """Dict from a node to where its blocks leave what they have added up, where there is more than one."""
        shares = {}
        for node in self.plan.terminals():
            count = self.blocks if self.plan.is_total(node) else self.layout.strips
            if count > 1:
                target = self.given[node.outputs[0]]
                size = count if self.plan.is_total(node) else count * self.layout.places * self.walk.columns
                shares[node] = self.machine.empty((size,), str(node.outputs[0].dtype)), count, target
        return shares

    def sum(self, node: Any) -> Any:
        """The array that a block's share of a sum goes to."""
        return self.shares[node][0] if node in self.shares else self.given[node.outputs[0]]

    def _finish(self):
        """The step that adds up what the blocks left."""
        kinds, arguments, blocks, moved = [], [], 1, 0
        for node, (share, count, target) in self.shares.items():
            total = self.plan.is_total(node)
            columns, places = (1, 1) if total else (self.walk.columns, self.layout.places)
            wide = finish.across(columns)
            kinds.append((node.outputs[0].dtype, wide))
            arguments += [share, target, np.int64(count), np.int64(columns), np.int64(places)]
            blocks = max(blocks, -(-columns * places // wide))
            moved += 2 * _bytes(share)
        name, body = finish.finish(kinds)
        printed = Printed(body, name, (blocks, len(kinds)), (finish.THREADS,), moved=moved)
        return Launch(self.machine, printed, tuple(arguments))

    # -- what arguments ask for ---------------------------------------------------------------------------------------

    def number(self, value: Any, dtype: str) -> Any:
        """A constant, as the kernel takes it."""
        return np.dtype("float32" if dtype in HALVES else dtype).type(value)


class _Laid:
    """How an array lies that is not there."""

    def __init__(self, shape: tuple[int, ...], size: int) -> None:
        self.shape, self.itemsize = tuple(shape), size
        self.strides = tuple(size * prod(self.shape[axis + 1 :]) for axis in range(len(self.shape)))


class _Nowhere:
    """A device on which nothing runs."""

    launch = upload = None

    def empty(self, shape: tuple[int, ...], dtype: str) -> Any:
        return _Laid(shape, itemsize(dtype))

    def address(self, array: Any) -> int:
        return 0


def _alignment(address):
    """Bytes that an address is a multiple of, as far as a vector asks."""
    return min(16, address & -address) if address else 16


def _bytes(array):
    size = array.itemsize
    for n, stride in zip(array.shape, array.strides):
        size *= n if stride else 1
    return size
