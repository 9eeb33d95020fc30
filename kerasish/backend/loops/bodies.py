"""Bodies of loops and branches: tracing them, adding them to a running trace, and what a `scan` node is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kerasish.backend import context
from kerasish.backend.primitives.primitive import p
from kerasish.backend.recomputation import FreshRegions, recorded_in
from kerasish.backend.trace import Trace, TracedGraph
from kerasish.typing import TensorLike


def inline(graph: Any, values: TensorLike) -> list[Any]:
    """The outputs of a TracedGraph for `values` of its inputs (captured ones included), added to the running trace."""
    trace = context.interpreter()
    computed = dict(zip(graph.inputs, values))
    computed.update({tensor: trace.constant(array) for tensor, array in graph.constants.items()})
    regions = FreshRegions(None, trace.region)
    for node in graph.nodes:
        with recorded_in(trace, regions[node.region]):
            result = node.operation(*[computed[x] for x in node.inputs], **node.attributes)
        computed.update(zip(node.outputs, result if isinstance(result, list) else [result]))
    trace.adopted.update(computed)
    trace.adopted.update({old: computed[new] for old, new in graph.adopted.items() if new in computed})
    return [computed[t] for t in graph.outputs]


def trace_body(function: Callable[..., Any], specs: Any, carried: Any = ()) -> tuple[Any, ...]:
    """Trace `function(*tensors)` inside the running trace.

    Args:
        carried: Variables whose value is one of the inputs (the last ones) and one of the outputs (the last ones).

    Returns: (TracedGraph with captured values as further inputs, list of those values outside, the Variables it
    assigns).
    """
    with Trace("body") as inner:
        inputs = [inner.input(tuple(s.shape), s.dtype) for s in specs]
        states = [inner.input(v.shape, v._dtype) for v in carried]
        for variable, tensor in zip(carried, states):
            inner.reads[variable] = inner.current[variable] = tensor
        outputs = [inner.lift(y) for y in function(*inputs)]
        outputs += [inner.read(v) for v in carried]
        captured = list(inner.captures.items())
    graph = TracedGraph(inner, inputs + states + [stand_in for _, stand_in in captured], outputs)
    graph.updates = {}
    return graph, [outside for outside, _ in captured], list(inner.updated)


def body_of(trace: Any, inputs: TensorLike, outputs: Sequence[Any], nodes: Sequence[Any]) -> Any:
    """A TracedGraph of some of a Trace's nodes. Tensors among `inputs` are given, whatever made them in the trace."""
    graph = TracedGraph(trace, list(inputs), list(outputs))
    graph.nodes, graph.updates, graph.reads = list(nodes), {}, {}
    graph.adopted = trace.adopted
    return graph


class Parts:
    """What a `scan` node is made of.

    Attributes:
        body, carries, length, reverse, trajectories: the node's attributes.
        slices, captured: its inputs after the carries: those cut along the first axis, and those that every step sees
            whole.
        ys: how many stacked outputs; `kept`: dict from the index of a carry to the node's output with all its values.
    """

    def __init__(self, node: Any) -> None:
        self.body, self.carries, self.length, self.reverse = (
            node.attributes[k] for k in ("body", "carries", "length", "reverse")
        )
        self.trajectories: tuple[Any, ...] = tuple(node.attributes.get("trajectories", ()))
        per_step = count_slices(node.inputs, self.body, self.carries)
        self.slices: list[Any] = list(node.inputs[self.carries : self.carries + per_step])
        self.captured: list[Any] = list(node.inputs[self.carries + per_step :])
        self.ys: Any = len(self.body.outputs) - self.carries
        self.kept: dict[Any, Any] = dict(zip(self.trajectories, node.outputs[self.carries + self.ys :]))


def count_slices(values: TensorLike, body: Callable[..., Any], carries: Any) -> Any:
    """How many of a scan's inputs are cut along the first axis: those with one more axis than the body's input."""
    return sum(1 for x, t in zip(values[carries:], body.inputs[carries:]) if len(x.shape) == len(t.shape) + 1)


def began(trajectory: Any, length: int, reverse: bool) -> Any:
    """Of the `length + 1` values of a carry those with which each step began."""
    return _window(trajectory, length, 1 if reverse else 0)


def became(trajectory: Any, length: int, reverse: bool) -> Any:
    """Of the `length + 1` values of a carry those with which each step ended."""
    return _window(trajectory, length, 0 if reverse else 1)


def _window(x, length, first):
    rest = tuple(x.shape[1:])
    return p.slice(x, start=(first,) + (0,) * len(rest), stop=(first + length,) + rest, strides=(1,) * (len(rest) + 1))
