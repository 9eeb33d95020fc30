"""A graph behind the passes, ready to be bound to arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.backend.compiler import pipeline
from kerasish.backend.compiler.draft import Draft
from kerasish.backend.compiler.lowering import LOWERINGS, Steps
from kerasish.backend.compiler.memory import size_of


class BindableGraph:
    """A graph behind the passes, its memory planned and carved.

    `bind` makes the calls for given arrays, as often as asked: all share one arena.

    Attributes:
        nodes: list of Node, in order; alias: function from a Tensor of the graph to the one that stands for it now.
        constants: set of Tensors whose arrays never change; placed: set of output Tensors that `bind` is given arrays
            for (see `place_outputs`).
    """

    def __init__(self, graph: Any, on: Any, place_outputs: bool = False, is_whole: bool = False) -> None:
        """What is not whole stands in a loop or a branch.

        `place_outputs`: outputs that a step writes get no memory here, but an array at each `bind`.
        """
        draft = pipeline.run(Draft(graph, on, place_outputs=place_outputs, is_whole=is_whole))
        self._device = on
        self.graph: Any = graph
        self.nodes: list[Any] = draft.nodes
        self.alias: Callable[[Any], Any] = draft.alias
        self.plan: Any = draft.plan
        self.placed: frozenset[Any] = draft.plan.placed
        self._arrays = {
            t: self._kept(array) if t.shape or on.places_numbers else array for t, array in draft.constants.items()
        }
        self.constants: frozenset[Any] = frozenset(self._arrays)
        reads = {
            tensor: on.held(variable)
            for variable, tensor in graph.reads.items()
            if tensor.node is None and tensor not in self._arrays
        }
        given = set(graph.inputs)  # a set: `in` a list would ask `==`, which makes a node
        self._arrays.update((tensor, array) for tensor, array in reads.items() if tensor not in given)
        self._carve()
        self._copies, self._lowered = {}, {}

    def _kept(self, constant):
        """A constant in memory of the device's choice: one that came as an array lies anywhere."""
        buffer = self._device.buffer(tuple(constant.shape), self._device.dtype_name(constant))
        self._device.copy_into(buffer, constant)
        return buffer

    @property
    def bytes(self) -> int:
        """About how much memory it holds, with the graphs inside loops and branches."""
        inner = [kept for dicts in self._lowered.values() for kept in dicts.values()]
        return (
            self.plan.arena_bytes
            + sum(map(size_of, [*self.constants, *self._copies]))
            + sum(kept.bytes for kept in inner if isinstance(kept, BindableGraph))
        )

    def _carve(self):
        """Arrays for all slots out of one arena."""
        slots = list({id(s): s for s in [*self.plan.slot.values(), *self.plan.scratch.values()]}.values())
        free = [s for s in slots if s.array is None]
        for slot, array in zip(
            free, self._device.carve(self.plan.arena_bytes, [(s.offset, s.shape, s.dtype) for s in free])
        ):
            slot.array = array
        self._arrays.update({tensor: slot.array for tensor, slot in self.plan.slot.items()})

    def bind(self, given: Any) -> tuple[Any, ...]:
        """The calls for `given`, a dict from Tensor (each input, each of `placed`) to its array.

        Returns: (list of functions without arguments, list of their primitives' names, dict from every Tensor to its
            array).
        """
        arrays = {**self._arrays, **given}
        steps = Steps()
        for node in self.nodes:
            bound = self._lower(node, arrays)
            if node in self.plan.scratch:
                self._device.work_in(bound, self.plan.scratch[node].array)
            if "follows" in node.attributes and self._device.follow(steps, bound):
                steps.follow(node)
            elif isinstance(bound, Steps):
                steps.extend_named(bound, [f"{node.operation.name}/{inner}" for inner in bound.names], (node,))
            elif isinstance(bound, list):
                steps.extend_named(bound, [node.operation.name] * len(bound), (node,))
            elif bound is not None:
                steps.add(bound, node.operation.name, (node,))
        return steps, steps.names, arrays

    def _lower(self, node, arrays):
        """The bound call (or list of calls) for one node, or None where its output is a view that costs nothing."""
        name = node.operation.name
        inputs = [arrays[x] for x in node.inputs]
        make_view = self._device.views.get(name)
        if make_view is not None:
            tensor = node.outputs[0]
            array = make_view(inputs[0], **node.attributes)
            if array is not None:
                arrays[tensor] = array
                return None
            if tensor not in self._copies:
                self._copies[tensor] = self._device.buffer(tensor.shape, tensor.dtype)
            arrays[tensor] = self._copies[tensor]
        outputs = [arrays[t] for t in node.outputs]
        if name in LOWERINGS:
            kept = self._lowered.setdefault(node, {})
            own = self._device.lowerings.get(name)
            bound = None if own is None else own(node, outputs, inputs, self._device, kept)
            return LOWERINGS[name](node, outputs, inputs, self._device, kept) if bound is None else bound
        return self._device.bind(name, tuple(outputs) if node.several else outputs[0], inputs, node.attributes)
