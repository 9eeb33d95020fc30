"""A Group without compiled kernels: its nodes one after the other, over blocks of rows that stay in the cache."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.numpy import aligned
from kerasish.backend.numpy.kernels import KERNELS
from kerasish.backend.primitives.group import ROW, TERMINAL
from kerasish.backend.primitives.primitive import p
from kerasish.backend.primitives.traits import Role
from kerasish.typing import TensorLike

_BLOCK = 1 << 18  # bytes of one value of a block


def run_in_blocks(group: Any, out: Any, inputs: TensorLike) -> Any:
    """A function without arguments that computes `group` from arrays `inputs` into arrays `out`."""
    space = group.space
    cut = 1 if group.boundary is None else group.boundary
    split = bool(space) and cut > 0 and space[0] > 1
    row_bytes = int(np.prod(space[1:])) * 8 if split else 0
    size = max(1, _BLOCK // max(1, row_bytes)) if split else 1
    blocks = [slice(i, min(i + size, space[0])) for i in range(0, space[0], size)] if split else [None]
    calls = []
    for block in blocks:
        calls += _Block(group, dict(zip(group.inputs, inputs)), dict(zip(group.outputs, out)), block).calls
    return partial(_run, calls)


def _run(calls):
    for call in calls:
        call()


class _Block:
    """The calls for one block of the first axis (None: all of it)."""

    def __init__(self, group, arrays, out, block):
        self.group, self.out, self.block = group, out, block
        self.values = {t: self._part(t, a) for t, a in arrays.items()}
        self.values.update({t: np.asarray(v, t.dtype) for t, v in group.constants.items()})
        self.calls, self.late = [], []
        for place, node in enumerate(group.nodes):
            self._add(node, place)
        self.calls += self.late

    def _cuts(self, shape):
        """Whether an array of this shape has the first axis of the space as its own."""
        space = self.group.space
        if self.block is None or not shape or shape[0] != space[0]:
            return False
        return (
            len(shape) == len(space)
            or self.group.boundary is not None
            and tuple(shape) == tuple(space[: self.group.boundary])
        )

    def _part(self, tensor, array):
        return array[self.block] if self._cuts(array.shape) and self._follows_rows(tensor, array) else array

    def _follows_rows(self, tensor, array):
        """A vector as long as the rows is one number a row only where a ROW node reads it."""
        if array.ndim == len(self.group.space):
            return True
        return any(
            self.group.kinds[n.outputs[0]] == ROW
            and n.operation.traits.elementwise
            and any(x is tensor for x in n.inputs)
            for n in self.group.nodes
        )

    def _is_read_later(self, target, node, place):
        """Whether `target` lies where an operand lies that is still read.

        That is after `node`, or by it in a way that must not be written over.
        """
        later = {x for n in self.group.nodes[place + 1 :] for x in n.inputs}
        return any(
            (x in later or any(x is y for y in node.inputs) and not node.operation.in_place_operand(node, x))
            and np.may_share_memory(target, self.values[x])
            for x in self.group.inputs
        )

    def _add(self, node, place):
        tensor = node.outputs[0]
        name, inputs, attributes = node.operation.name, [self.values[x] for x in node.inputs], node.attributes
        if self.group.kinds[tensor] == TERMINAL:
            self._add_sum(node, inputs[0])
            return
        target = self.out.get(tensor)
        if target is None and node.operation.traits.converts:
            if node.operation is p.narrow or inputs[0].dtype == np.dtype(tensor.dtype):
                self.values[tensor] = inputs[0]  # rounded where it is stored, which it is not
                return
        shape = self._shape(tensor)
        target = (
            aligned.empty(shape, tensor.dtype)
            if target is None
            else target[self.block]
            if self._cuts(target.shape)
            else target
        )
        if tensor in self.out and self._is_read_later(target, node, place):
            self.late.append(partial(np.copyto, target, twin := aligned.empty(target.shape, target.dtype)))
            target = twin
        self.values[tensor] = target
        if node.operation.traits.role is Role.SPREADS:
            copy = _copy_reshaped if node.operation is p.reshape else np.copyto
            self.calls.append(partial(copy, target, inputs[0]))
            return
        self.calls.append(partial(KERNELS[name], target, *inputs, **attributes))

    def _shape(self, tensor):
        shape = tuple(tensor.shape)
        return (self.block.stop - self.block.start, *shape[1:]) if self._cuts(shape) else shape

    def _add_sum(self, node, value):
        target, period = self.out[node.outputs[0]], self.group.period
        if self.block is not None and period and self.group.kinds.get(node.inputs[0]) != ROW:
            self.calls.append(partial(KERNELS["sum"], target[self.block], value, **node.attributes))
        elif self.block is None or self.block.start == 0:
            self.calls.append(partial(KERNELS["sum"], target, value, **node.attributes))
        else:
            share = aligned.empty(target.shape, target.dtype)
            self.calls += [
                partial(KERNELS["sum"], share, value, **node.attributes),
                partial(np.add, target, share, target),
            ]


def _copy_reshaped(target, source):
    np.copyto(target, source.reshape(target.shape))
