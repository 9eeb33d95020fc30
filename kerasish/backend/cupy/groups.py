"""Groups on the card: printed as CUDA C, or node by node where a node has no words there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import cupy
import numpy as np

from kerasish import forks
from kerasish.backend.cupy.fused.bind import Launch, Printed, bind_group, can_print, joined
from kerasish.backend.cupy.fused.many import merged
from kerasish.backend.cupy.kernels import KERNELS

_MOST_FREE = 48 << 10  # bytes of shared memory that need no asking for


class Machine:
    """What bindings ask of the device.

    Kernels that were bound are compiled as one program when one of them is first launched.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, Printed] = {}
        self._functions: dict[Any, Any] = {}
        self._lock = forks.lock()

    def bind(self, group: Any, out: Sequence[Any], inputs: Sequence[Any]) -> list[Callable[[], None]]:
        """Steps that compute `group`."""
        if not can_print(group):
            return _node_by_node(group, out, inputs)
        steps = bind_group(group, out, inputs, self)
        self._waiting.update({step.printed.name: step.printed for step in steps})
        return steps

    def joined(self, steps: Sequence[Any]) -> list[Any]:
        """The steps of a Program, those of one expression that stand together as one launch."""
        done = merged(steps, self)
        named = {step.printed.name: step.printed for step in done if isinstance(step, Launch)}
        for step in steps:
            if isinstance(step, Launch):
                self._waiting.pop(step.printed.name, None)
        self._waiting.update({name: p for name, p in named.items() if (name, _card()) not in self._functions})
        return done

    def forget(self, step: Launch) -> None:
        """A step that was bound is done by another: its kernel need not be compiled."""
        self._waiting.pop(step.printed.name, None)

    def launch(self, printed: Printed, arguments: tuple[Any, ...]) -> None:
        """Run a kernel."""
        key = printed.name, _card()
        if key not in self._functions:
            self._compile(printed, key[1])
        function = self._functions[key]
        if printed.shared_mem > max(_MOST_FREE, function.max_dynamic_shared_size_bytes):
            function.max_dynamic_shared_size_bytes = printed.shared_mem
        function(_three(printed.grid), _three(printed.block), arguments, shared_mem=printed.shared_mem)

    def _compile(self, printed, card):
        with self._lock:
            waiting = {**self._waiting, printed.name: printed}
            self._waiting = {}
            module = cupy.RawModule(code=joined(list(waiting.values())), options=("-std=c++17",))
            for name in waiting:
                self._functions[name, card] = module.get_function(name)

    def empty(self, shape: Any, dtype: str) -> Any:
        """An array that lasts as long as the steps that are bound to it."""
        return cupy.empty(shape, np.dtype(dtype))

    def address(self, array: Any) -> int:
        """Where an array begins."""
        return array.data.ptr

    def upload(self, array: Any) -> Any:
        """An array with the numbers of a host array."""
        return cupy.asarray(array)


def _card():
    return cupy.cuda.Device().id


def _three(sizes):
    return (*sizes, 1, 1)[:3]


def _node_by_node(group, out, inputs):
    """A kernel for each node. Outputs are copied to their places last: they may lie where operands do."""
    values = dict(zip(group.inputs, inputs))
    for tensor, number in group.constants.items():
        values[tensor] = cupy.asarray(np.asarray(number, tensor.dtype))
    calls = []
    for node in group.nodes:
        tensor = node.outputs[0]
        values[tensor] = made = cupy.empty(tuple(tensor.shape), np.dtype(tensor.dtype))
        operands = [values[x] for x in node.inputs]
        calls.append(partial(KERNELS[node.operation.name], made, *operands, **node.attributes))
    return calls + [partial(KERNELS["identity"], place, values[t]) for t, place in zip(group.outputs, out)]
