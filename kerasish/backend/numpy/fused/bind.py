"""A Group's kernel bound to arrays: native steps where kernels can be compiled, ufuncs over blocks where not."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.fused.plan import LoopPlan
from kerasish.backend.numpy import aligned, native
from kerasish.backend.numpy.fused.blocks import run_in_blocks
from kerasish.backend.numpy.fused.expressions import is_sayable
from kerasish.backend.numpy.fused.operand_strides import GroupWalk
from kerasish.backend.numpy.fused.source import BLOCK, KernelSource
from kerasish.backend.numpy.native.source import from_file
from kerasish.backend.numpy.steps import cost
from kerasish.backend.numpy.steps.copies import copy_steps
from kerasish.backend.numpy.team import size as team_size
from kerasish.backend.primitives.group import ROW
from kerasish.typing import TensorLike

_NANOSECONDS = {False: 0.06, True: 0.4}  # a point of a cheap and of an expensive node, in vector code
_BYTES_PER_NANOSECOND = 12.0
_GRAIN = 64  # elements: shares of a flat walk begin on a cache line


def bind(out: Any, inputs: TensorLike, group: Any) -> Any:
    """A list of steps that compute `group` from arrays `inputs` into arrays `out`."""
    if not native.enabled() or not all(map(is_sayable, group.nodes)) or _is_beyond_the_processor(group):
        return [run_in_blocks(group, out, inputs)]
    return _Binding(group, out, inputs).steps


def _is_beyond_the_processor(group):
    """Whether a kernel would have to convert float16 where no instruction does."""
    nodes = group.nodes
    return any(x.dtype == "float16" for n in nodes for x in (*n.inputs, *n.outputs)) and not native.has_float16()


class _Binding:
    def __init__(self, group, out, inputs):
        self.group = group
        self.plan = group.plan = group.plan or LoopPlan(group)
        self.arrays = dict(zip(group.inputs, inputs))
        self.out = dict(zip(group.outputs, out))
        keys = group.operands()
        self.walk = GroupWalk(group.space, group.boundary, [self._as_operand(*key) for key in keys], group.rows_only)
        self.operands = dict(zip(keys, self.walk.operands))
        lies = {
            key: (tuple(s != 0 for s in o.strides), o.step if o.step in (0, 1) else None)
            for key, o in self.operands.items()
        }
        source, address = self._kernel(lies)
        self.units, grain = self._units(source)
        self.workers = cost.workers(self._cost(), max(1, self.units // grain))
        self.scratch, self.combined, self.keep = {}, [], [*inputs, *out]
        args = [argument.value(self) for argument in source.arguments]
        self.keep += [*self.scratch.values(), *(o.array for o in self.operands.values())]
        step = native.NativeStep(address, args, self.keep, self.units, grain, self.workers, "fused")
        copies = [step for target, array in self.walk.copies for step in _copies(target, array)]
        self.steps = [*copies, step, *self.combined]

    def _kernel(self, lies):
        """(source, address) for operands that lie so; kept, because a loop binds a group once a turn."""
        axes, long = len(self.walk.rows), self.walk.columns > BLOCK
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
            return self.walk.columns, _GRAIN
        if self.group.period:
            return int(np.prod(self.group.space[: self.group.period])), 1
        return self.walk.count, 1

    def _cost(self):
        points = self.walk.count * self.walk.columns
        work = sum(
            _NANOSECONDS[n.operation.traits.cost.expensive]
            for n in self.group.nodes
            if self.group.kinds[n.outputs[0]] != ROW
        )
        moved = sum(a.nbytes for a in self.arrays.values()) + sum(a.nbytes for a in self.out.values())
        return max(points * work, moved / _BYTES_PER_NANOSECOND)

    # -- what arguments ask for -----------------------------------------------------------------------------------

    def output(self, tensor: TensorLike) -> int:
        """The address of an output; of a contiguous twin that is copied to it, where it is not so itself."""
        array = self.out[tensor]
        if not array.flags.c_contiguous:
            twin = aligned.empty(array.shape, array.dtype)
            self.combined += _copies(array, twin)
            self.keep.append(twin)
            return twin.ctypes.data
        return array.ctypes.data

    def own(self, argument: Any, columns: int, dtype: str) -> Any:
        """Memory of which every worker has `columns` numbers."""
        if argument.key not in self.scratch:
            # as many as the product that it follows may have
            workers = max(team_size(), self.workers) if self.group.rows_only else self.workers
            self.scratch[argument.key] = aligned.empty((workers, columns), np.dtype(dtype))
        return self.scratch[argument.key]

    def row_sum(self, argument: Any) -> int:
        """The address that a sum over rows goes to."""
        tensor = argument.of.outputs[0]
        target = self.out[tensor]
        if self.workers == 1 or self.group.period:
            return self.output(tensor)
        partial_sums = self.own(argument, target.size, argument.dtype)
        address = native.address(from_file("combine", "combine", FLOAT=tensor.dtype))
        args = [partial_sums.ctypes.data, self.workers, target.size, self.output(tensor)]
        self.combined.insert(0, native.NativeStep(address, args, [partial_sums, target], 1, name="combine"))
        return partial_sums.ctypes.data


def _copies(target, array):
    copying = copy_steps(target, array)
    return [partial(np.copyto, target, array)] if copying is None else copying
