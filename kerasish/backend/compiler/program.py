"""Pass 3 and the result: a Program is a flat list of bound calls over one arena."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import tree
from kerasish.backend.compiler.memory import plan_memory
from kerasish.backend.compiler.optimize import optimize
from kerasish.backend.compiler.prune import prune_loops
from kerasish.backend.compiler.slices import push_slices
from kerasish.backend.device import device
from kerasish.typing import TensorLike

LOWERINGS = {}


def lowering(name: str) -> Any:
    """Decorator: the function below lowers primitive `name`, which runs whole graphs.

    It is called as `(node, outputs, inputs, device, kept)` and returns a function without arguments, or Steps. `kept`
    is a dict of the node's own, the same one when the node is bound again to other arrays: what does not depend on
    arrays (a body's Layout) is put there.
    """

    def register(function):
        LOWERINGS[name] = function
        return function

    return register


class Steps(list):
    """Functions without arguments, in the order in which they run.

    `names` has the primitive of each, `nodes` a tuple of the Nodes that it computes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.names: list[Any] = []
        self.nodes: list[Any] = []

    def add(self, step: Any, name: str, nodes: Sequence[Any] = ()) -> None:
        """Append one."""
        self.extend_named([step], [name], nodes)

    def extend_named(self, steps: int, names: Any, nodes: Sequence[Any] = ()) -> None:
        """Append several."""
        self.extend(steps)
        self.names.extend(names)
        self.nodes.extend([nodes] * len(names))

    def follow(self, node: Any) -> None:
        """Note that the last step computes `node` as well."""
        self.names[-1] += f" + {node.operation.name}"
        self.nodes[-1] += (node,)


class Layout:
    """A graph after the passes, its memory planned and carved.

    `bind` makes the calls for given arrays, as often as asked: all share one arena.

    Attributes:
        nodes: list of Node, in order; alias: function from a Tensor of the graph to the one that stands for it now.
        constants: set of Tensors whose arrays never change; placed: set of output Tensors that `bind` is given arrays
            for (see `place_outputs`).
    """

    def __init__(self, graph: Any, on: Any, place_outputs: bool = False) -> None:
        """`place_outputs`: outputs that a step writes get no memory here, but an array at each `bind`."""
        graph = prune_loops(graph)
        graph = push_slices(graph) if on.fuses else graph
        self._device = on
        self.graph: Any = graph
        self.nodes, self.alias, self._arrays = optimize(graph, on)
        self.constants: frozenset[Any] = frozenset(self._arrays)
        self.placed: frozenset[Any] = self._placeable() if place_outputs else frozenset()
        self.plan: Any = plan_memory(self.nodes, graph, self.alias, on, self.placed)
        reads = {
            tensor: variable._buffer
            for variable, tensor in graph.reads.items()
            if tensor.node is None and tensor not in self._arrays
        }
        given = set(graph.inputs)  # a set: `in` a list would ask `==`, which makes a node
        self._arrays.update((tensor, array) for tensor, array in reads.items() if tensor not in given)
        self._carve()
        self._copies, self._kept = {}, {}

    def _placeable(self):
        written = {t for node in self.nodes if node.operation.name not in self._device.views for t in node.outputs}
        return frozenset(self.alias(t) for t in self.graph.outputs if t is not None and self.alias(t) in written)

    def _carve(self):
        """Arrays for all slots out of one arena."""
        slots = list({id(s): s for s in self.plan.slot.values()}.values())
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
                self._copies[tensor] = self._device.empty(tensor.shape, tensor.dtype)
            arrays[tensor] = self._copies[tensor]
        outputs = [arrays[t] for t in node.outputs]
        if name in LOWERINGS:
            return LOWERINGS[name](node, outputs, inputs, self._device, self._kept.setdefault(node, {}))
        return self._device.bind(name, tuple(outputs) if node.structure else outputs[0], inputs, node.attributes)


class Program:
    """A compiled graph for one signature.

    Attributes:
        steps: tuple of functions without arguments, called in order.
        names: the primitive of each step; nodes: a tuple of the Nodes that it computes.
        run: function that does all steps on what lies in the buffers.
        arena_bytes: memory of all intermediates; total_bytes: what they would take without sharing.

    Not safe for two threads at once: its buffers are its own. `Function` keeps a pool.
    """

    def __init__(self, graph: Any, on: Any, bound: Any = None) -> None:
        """With `bound`, some inputs are read from given arrays.

        bound: dict from some of the graph's inputs to arrays that they are read from, in place of buffers of their own.
        """
        self._device = on
        layout = Layout(graph, on)
        plan = layout.plan
        self.arena_bytes: Any = plan.arena_bytes
        self.total_bytes: Any = plan.total_bytes
        bound = bound or {}
        self.inputs: list[Any] = [bound[t] if t in bound else on.empty(t.shape, t.dtype) for t in graph.inputs]
        steps, _, self._arrays = layout.bind(dict(zip(graph.inputs, self.inputs)))
        self._finish(graph, layout.alias, plan, steps)
        self.steps: tuple[Any, ...] = tuple(steps)
        self.names: tuple[Any, ...] = tuple(steps.names)
        self.nodes: tuple[Any, ...] = tuple(steps.nodes)
        self.graph: Any = graph
        self.run: Any = on.assemble(self.steps)

    def _finish(self, graph, alias, plan, steps):
        """Copy aside what is read from a variable that is about to change, then write.

        Read by an output, or by another variable's new value.
        """
        arrays, on = self._arrays, self._device
        stale = {alias(graph.reads[v]) for v in graph.updates if v in graph.reads}

        def settled(tensor):
            tensor = alias(tensor)
            if plan.root.get(tensor, tensor) not in stale:
                return arrays[tensor]
            copy = on.empty(tensor.shape, tensor.dtype)
            steps.add(_copy_step(on, copy, arrays[tensor]), "identity")
            return copy

        self.outputs: list[Any | None] = [None if t is None else settled(t) for t in graph.outputs]
        pending = [
            (variable, settled(tensor)) for variable, tensor in graph.updates.items() if variable not in plan.written
        ]
        for variable, array in pending:
            steps.add(_copy_step(on, variable._buffer, array), "assign")

    def __call__(self, values: TensorLike) -> Any:
        """Copy `values` in, run, and return the output arrays as new arrays.

        `values` is a flat list of host or device arrays of the compiled shapes.
        """
        on = self._device
        for buffer, value in zip(self.inputs, values):
            on.write(buffer, value)
        with on.running():
            self.run()
        return [None if out is None else on.copy(out) for out in self.outputs]

    def explain(self, values: TensorLike | None = None, repeat: int | None = None) -> Any:
        """What each step costs: see `explain_program`."""
        from kerasish.backend.compiler.explain import explain_program

        return explain_program(self, values, repeat=repeat)


def _copy_step(on, target, source):
    return on.bind("identity", target, [source], {})


def compile_graph(graph: Any, on: Any = None) -> Any:
    """The Program of a TracedGraph whose shapes are all known. Raises ValueError naming an input with an open shape."""
    for tensor in tree.flatten(graph.inputs):
        if None in tensor.shape:
            raise ValueError(f"Can't compile {graph.name!r}: the input {tensor!r} has an unknown size.")
    return Program(graph, on or device())
