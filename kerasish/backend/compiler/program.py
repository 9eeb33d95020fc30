"""Pass 3 and the result: a Program is a flat list of bound calls over one arena."""

from kerasish import tree
from kerasish.backend.compiler.memory import plan_memory
from kerasish.backend.compiler.simplify import simplify
from kerasish.backend.device import device

LOWERINGS = {}


def lowering(name):
    """Decorator: the function `(node, outputs, inputs, device) -> function without arguments` lowers primitive `name`, which runs whole graphs."""

    def register(function):
        LOWERINGS[name] = function
        return function

    return register


class Program:
    """A compiled graph for one signature.

    Attributes:
        steps: tuple of functions without arguments, called in order.
        names: the primitive of each step.
        arena_bytes: memory of all intermediates; total_bytes: what they would take without sharing.

    Not safe for two threads at once: its buffers are its own. `Function` keeps a pool.
    """

    def __init__(self, graph, on, bound=None):
        """`bound`: dict from some of the graph's inputs to arrays that they are read from, in place of buffers of their own."""
        self._device = on
        nodes, alias, constants = simplify(graph)
        plan = plan_memory(nodes, graph, alias, on)
        self.arena_bytes, self.total_bytes = plan.arena_bytes, plan.total_bytes
        self._arrays = arrays = constants
        bound = bound or {}
        self.inputs = [bound[t] if t in bound else on.empty(t.shape, t.dtype) for t in graph.inputs]
        arrays.update(zip(graph.inputs, self.inputs))
        arrays.update({tensor: variable._buffer for variable, tensor in graph.reads.items() if tensor.node is None and tensor not in arrays})
        self._carve(plan)
        steps, names = [], []
        for node in nodes:
            step = self._lower(node, plan)
            if step is not None:
                steps.append(step)
                names.append(node.operation.name)
        self._finish(graph, alias, plan, steps, names)
        self.steps, self.names = tuple(steps), tuple(names)

    def _finish(self, graph, alias, plan, steps, names):
        """Copy aside what is read from a variable that is about to change (an output, another variable's new value), then write."""
        arrays, on = self._arrays, self._device
        stale = {alias(graph.reads[v]) for v in graph.updates if v in graph.reads}

        def settled(tensor):
            tensor = alias(tensor)
            if plan.root.get(tensor, tensor) not in stale:
                return arrays[tensor]
            copy = on.empty(tensor.shape, tensor.dtype)
            steps.append(_copy_step(on, copy, arrays[tensor]))
            names.append("identity")
            return copy

        self.outputs = [None if t is None else settled(t) for t in graph.outputs]
        pending = [(variable, settled(tensor)) for variable, tensor in graph.updates.items() if variable not in plan.written]
        for variable, array in pending:
            steps.append(_copy_step(on, variable._buffer, array))
            names.append("assign")

    def _carve(self, plan):
        """Arrays for all slots out of one arena."""
        slots = list({id(s): s for s in plan.slot.values()}.values())
        free = [s for s in slots if s.array is None]
        for slot, array in zip(free, self._device.carve(plan.arena_bytes, [(s.offset, s.shape, s.dtype) for s in free])):
            slot.array = array
        self._arrays.update({tensor: slot.array for tensor, slot in plan.slot.items()})

    def _lower(self, node, plan):
        """The bound call for one node, or None where its output is a view that costs nothing."""
        arrays, name = self._arrays, node.operation.name
        inputs = [arrays[x] for x in node.inputs]
        make_view = self._device.views.get(name)
        if make_view is not None:
            tensor = node.outputs[0]
            array = make_view(inputs[0], **node.attributes)
            if array is not None:
                arrays[tensor] = array
                return None
            arrays[tensor] = self._device.empty(tensor.shape, tensor.dtype)
        outputs = [arrays[t] for t in node.outputs]
        if name in LOWERINGS:
            return LOWERINGS[name](node, outputs, inputs, self._device)
        return self._device.bind(name, tuple(outputs) if node.structure else outputs[0], inputs, node.attributes)

    def __call__(self, values):
        """Copy `values` (flat, host or device arrays of the compiled shapes) in, run, and return the output arrays as new arrays."""
        on = self._device
        for buffer, value in zip(self.inputs, values):
            on.write(buffer, value)
        with on.running():
            self.run()
        return [None if out is None else on.copy(out) for out in self.outputs]

    def run(self):
        """Do all steps on what lies in the buffers."""
        for step in self.steps:
            step()


def _copy_step(on, target, source):
    return on.bind("identity", target, [source], {})


def compile_graph(graph, on=None):
    """The Program of a TracedGraph whose shapes are all known. Raises ValueError naming an input with an open shape."""
    for tensor in tree.flatten(graph.inputs):
        if None in tensor.shape:
            raise ValueError(f"Can't compile {graph.name!r}: the input {tensor!r} has an unknown size.")
    return Program(graph, on or device())
