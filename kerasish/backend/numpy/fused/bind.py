"""A Group's kernel bound to arrays: native steps where kernels can be compiled, ufuncs over blocks where not."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from kerasish.backend.numpy import native
from kerasish.backend.numpy.fused.blocks import run_in_blocks
from kerasish.backend.numpy.fused.expressions import is_sayable
from kerasish.backend.numpy.fused.operand_strides import Layout
from kerasish.backend.numpy.fused.plan import LoopPlan
from kerasish.backend.numpy.fused.source import BLOCK, KernelSource
from kerasish.backend.numpy.native.source import from_file
from kerasish.backend.numpy.steps import cost
from kerasish.backend.numpy.team import size as team_size
from kerasish.backend.primitives.group import FULL, ROW
from kerasish.typing import TensorLike

_NANOSECONDS = {False: 0.06, True: 0.4}  # a point of a cheap and of an expensive node, in vector code
_BYTES_PER_NANOSECOND = 12.0
_GRAIN = 64  # elements: shares of a flat walk begin on a cache line


def bind(out: Any, inputs: TensorLike, group: Any) -> Any:
    """A list of steps that compute `group` from arrays `inputs` into arrays `out`."""
    if not native.enabled() or not all(map(is_sayable, group.nodes)):
        return [run_in_blocks(group, out, inputs)]
    return _Binding(group, out, inputs).steps


class _Binding:
    def __init__(self, group, out, inputs):
        self.group = group
        self.plan = group.plan = group.plan or LoopPlan(group)
        self.arrays = dict(zip(group.inputs, inputs))
        self.out = dict(zip(group.outputs, out))
        keys = _operand_keys(group)
        self.layout = Layout(group.space, group.boundary, [self._as_operand(*key) for key in keys], group.rows_only)
        self.operands = dict(zip(keys, self.layout.operands))
        lies = {
            key: (tuple(s != 0 for s in o.strides), o.step if o.step in (0, 1) else None)
            for key, o in self.operands.items()
        }
        source, address = self._kernel(lies)
        self.units, grain = self._units(source)
        self.workers = cost.workers(self._cost(), max(1, self.units // grain))
        self.scratch, self.combined, self.keep = {}, [], [*inputs, *out]
        args = [self._argument(what) for what in source.arguments]
        self.keep += [*self.scratch.values(), *(o.array for o in self.operands.values())]
        step = native.NativeStep(address, args, self.keep, self.units, grain, self.workers, "fused")
        self.steps = [*[_copy(target, array) for target, array in self.layout.copies], step, *self.combined]

    def _kernel(self, lies):
        """(source, address) for operands that lie so; kept, because a loop binds a group once a turn."""
        axes, long = len(self.layout.rows), self.layout.columns > BLOCK
        key = (tuple(lies.items()), axes, long)
        if key not in self.plan.kernels:
            source = KernelSource(self.plan, lies, axes, long)
            self.plan.kernels[key] = source, native.address(native.Source(source.text))
        return self.plan.kernels[key]

    def _as_operand(self, tensor, role):
        array = self.arrays[tensor]
        if role == ROW:
            outer = self.group.space[: self.group.boundary]
            array = (
                array.reshape(array.shape[: len(outer)] + (1,) * (len(self.group.space) - len(outer)))
                if array.ndim
                else array
            )
        return array

    def _units(self, source):
        if source.flat:
            return self.layout.columns, _GRAIN
        if self.group.period:
            return int(np.prod(self.group.space[: self.group.period])), 1
        return self.layout.count, 1

    def _cost(self):
        points = self.layout.count * self.layout.columns
        work = sum(
            _NANOSECONDS[n.operation.traits.cost.expensive]
            for n in self.group.nodes
            if self.group.kinds[n.outputs[0]] != ROW
        )
        moved = sum(a.nbytes for a in self.arrays.values()) + sum(a.nbytes for a in self.out.values())
        return max(points * work, moved / _BYTES_PER_NANOSECOND)

    # -- arguments ------------------------------------------------------------------------------------------------

    def _argument(self, what):
        kind, *rest = (what,) if isinstance(what, str) else what
        return getattr(self, "_" + kind.replace(" ", "_"))(*rest)

    def _columns(self):
        return self.layout.columns

    def _size(self, axis):
        return self.layout.rows[axis]

    def _inner(self):
        return int(np.prod(self.group.space[self.group.period : self.group.boundary]))

    def _number(self, tensor):
        return struct.unpack("q", struct.pack("d", float(self.group.constants[tensor])))[0]

    def _input(self, key):
        return self.operands[key].array.ctypes.data

    def _stride(self, key, axis):
        return self.operands[key].strides[axis]

    def _step(self, key):
        return self.operands[key].step

    def _output(self, tensor):
        array = self.out[tensor]
        if not array.flags.c_contiguous:
            twin = np.empty(array.shape, array.dtype)
            self.combined.append(_copy(array, twin))
            self.keep.append(twin)
            return twin.ctypes.data
        return array.ctypes.data

    def _own(self, key, columns, dtype):
        """Memory of which every worker has `columns` numbers."""
        if key not in self.scratch:
            workers = (
                max(team_size(), self.workers) if self.group.rows_only else self.workers
            )  # as many as the product that it follows may have
            self.scratch[key] = np.empty((workers, columns), np.dtype(dtype))
        return self.scratch[key]

    def _scratch(self, tensor):
        return self._own(tensor, self.layout.columns, tensor.dtype).ctypes.data

    def _scratch_bytes(self, tensor):
        return self.scratch[tensor].strides[0]

    def _part(self, node):
        return self._own(("part", node), self.layout.columns, node.outputs[0].dtype).ctypes.data

    def _part_bytes(self, node):
        return self.scratch["part", node].strides[0]

    def _whole(self, node):
        return self._own(("whole", node), self.layout.columns, "float64").ctypes.data

    def _whole_bytes(self, node):
        return self.scratch["whole", node].strides[0]

    def _sum(self, node):
        """Where a sum over rows goes: to the output, or to a row a worker that a step of its own adds up."""
        tensor = node.outputs[0]
        target = self.out[tensor]
        if self.workers == 1 or self.group.period:
            return self._output(tensor)
        partial = self._own(("sum", node), target.size, tensor.dtype)
        address = native.address(from_file("combine", "combine", FLOAT=tensor.dtype))
        args = [partial.ctypes.data, self.workers, target.size, self._output(tensor)]
        self.combined.insert(0, native.NativeStep(address, args, [partial, target], 1, name="combine"))
        return partial.ctypes.data

    def _sum_bytes(self, node):
        found = self.scratch.get(("sum", node))
        return 0 if found is None else found.strides[0]


def _operand_keys(group):
    """(Tensor, role) of every array that the group reads, once for each way in which it is read."""
    keys = {}
    for node in group.nodes:
        row = group.kinds[node.outputs[0]] == ROW and node.operation.traits.elementwise
        for x in node.inputs:
            if x not in group.kinds and x not in group.constants:
                keys[x, ROW if row else FULL] = True
    return list(keys)


def _copy(target, array):
    from functools import partial

    return partial(np.copyto, target, array)
