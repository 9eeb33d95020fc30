"""The result: a Program is a flat list of bound calls over one arena."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from kerasish import tree
from kerasish.backend import rows_behind
from kerasish.backend.compiler.bindable_graph import BindableGraph
from kerasish.backend.compiler.memory import size_of
from kerasish.backend.device import device
from kerasish.backend.interrupts import undivided
from kerasish.typing import TensorLike

_BYTES_A_STEP = 1_500  # of a bound call, measured


class Program:
    """A compiled graph for one signature.

    Attributes:
        steps: tuple of functions without arguments, called in order.
        names: the primitive of each step; nodes: a tuple of the Nodes that it computes; innermost: of those of a loop's
            body, as in `lowering.Steps`.
        run: function that does all steps on what lies in the buffers, whole: an interrupt is raised behind the last.
        arena_bytes: memory of all intermediates; total_bytes: what they would take without sharing; bytes: about what
            the whole Program holds.

    Not safe for two threads at once: its buffers are its own. `Function` keeps a pool.
    """

    def __init__(self, graph: Any, on: Any, bound: Any = None) -> None:
        """With `bound`, some inputs are read from given arrays.

        bound: dict from some of the graph's inputs to arrays that they are read from, in place of buffers of their own.
        """
        self._device = on
        bindable = BindableGraph(graph, on, is_whole=True)
        plan = bindable.plan
        self.arena_bytes: Any = plan.arena_bytes
        self.total_bytes: Any = plan.total_bytes
        bound = bound or {}
        self.inputs: list[Any] = [bound[t] if t in bound else on.buffer(t.shape, t.dtype) for t in graph.inputs]
        steps, _, self._arrays = bindable.bind(dict(zip(graph.inputs, self.inputs)))
        self._behind = [n.attributes["rows"] for n in bindable.nodes if n.operation.name == "catch_up"]
        self._finish(graph, bindable.alias, plan, steps)
        self.steps: tuple[Any, ...] = tuple(steps)
        self.names: tuple[Any, ...] = tuple(steps.names)
        self.nodes: tuple[Any, ...] = tuple(steps.nodes)
        self.innermost: tuple[Any, ...] = tuple(steps.innermost)
        self.graph: Any = graph
        own = sum(size_of(t) for t in graph.inputs if t not in bound)
        self.bytes: int = own + bindable.bytes + _BYTES_A_STEP * len(self.steps)
        run = self._assembled = on.assemble(self.steps)
        # one call of native code can't be interrupted: Python looks for signals when it returns
        self.run: Any = run if getattr(run, "is_one_call", False) else undivided(run)

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
            copy = on.buffer(tensor.shape, tensor.dtype)
            steps.add(_copy_step(on, copy, arrays[tensor]), "identity")
            return copy

        self.outputs: list[Any | None] = [None if t is None else settled(t) for t in graph.outputs]
        pending = [
            (variable, settled(tensor)) for variable, tensor in graph.updates.items() if variable not in plan.written
        ]
        for variable, array in pending:
            steps.add(_copy_step(on, on.held(variable), array), "assign")
        for rows in self._behind:
            steps.add(rows.replayer.advance, "advance")

    def __call__(self, values: TensorLike) -> Any:
        """Copy `values` in, run, and return the output arrays as new arrays.

        `values` is a flat list of host or device arrays of the compiled shapes.
        """
        on = self._device
        for buffer, value in zip(self.inputs, values):
            on.write(buffer, value)
        if self._behind or rows_behind.are_hidden():
            self._run_with_rows_behind()
        else:
            with on.running():
                self.run()
        return [None if out is None else on.copy(out) for out in self.outputs]

    @property
    def launch(self) -> str | None:
        """How the steps get to the device, in a sentence; None where there is nothing to say."""
        explained = getattr(self._assembled, "explained", None)
        return None if explained is None else explained(self.names)

    def _run_with_rows_behind(self):
        """Run where tables hide rows that miss steps: this Program's own go on, others it reads catch up."""
        rows_behind.settle_others(self._behind, self.graph.reads, self.graph.updates)
        with ExitStack() as held:
            for rows in self._behind:
                held.enter_context(rows)
            with self._device.running():
                self.run()

    def explain(self, values: TensorLike | None = None, repeat: int | None = None) -> Any:
        """What each step costs: see `explain_program`."""
        from kerasish.backend.compiler.explain import explain_program  # start-up time: seldom asked for

        return explain_program(self, values, repeat=repeat)


def _copy_step(on, target, source):
    return on.bind("identity", target, [source], {})


def compile_graph(graph: Any, on: Any = None) -> Any:
    """The Program of a TracedGraph whose shapes are all known. Raises ValueError naming an input with an open shape."""
    for tensor in tree.flatten(graph.inputs):
        if None in tensor.shape:
            raise ValueError(f"Can't compile {graph.name!r}: the input {tensor!r} has an unknown size.")
    return Program(graph, on or device())
