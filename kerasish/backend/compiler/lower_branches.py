"""How branches and open-ended loops run in a Program.

Their bodies are laid out once and bound to the arrays around them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.backend.compiler.bindable_graph import BindableGraph
from kerasish.backend.compiler.lowering import lowering
from kerasish.typing import TensorLike


class Bound:
    """A BindableGraph bound to arrays for its inputs: `run` does its steps, `outputs` are its results."""

    def __init__(self, bindable: Any, inputs: TensorLike, device: Any) -> None:
        self.bindable = bindable
        steps, _, arrays = bindable.bind(dict(zip(bindable.graph.inputs, inputs)))
        self.outputs: list[Any] = [arrays[bindable.alias(t)] for t in bindable.graph.outputs]
        self.run: Any = device.assemble(steps)

    def shares_inputs(self, count: int) -> bool:
        """Whether one of the first `count` outputs lies where an input lies: is one, or a view of one."""
        graph, root = self.bindable.graph, self.bindable.plan.root
        given = set(graph.inputs)
        return any(root.get(t, t) in given for t in map(self.bindable.alias, graph.outputs[:count]))


def kept_bindable(kept: Any, name: str, graph: Any, device: Any) -> Any:
    """The BindableGraph of one of a node's graphs, made at the first binding."""
    if name not in kept:
        kept[name] = BindableGraph(graph, device)
    return kept[name]


def unaliased(new: Any, state: Any, device: Any, tangled: Any) -> Any:
    """A function that copies a body's new carry into its inputs.

    Through a detour where a new value lies in another carry's place (`tangled`).
    """
    detour = [device.buffer(v.shape, device.dtype_name(v)) for v in new] if tangled else new
    pairs = list(zip(detour, new)) if tangled else []

    def copy():
        for target, value in pairs:
            device.copy_into(target, value)
        for target, value in zip(state, detour):
            device.copy_into(target, value)

    return copy


@lowering("while_loop")
def lower_while(node: Any, outputs: Sequence[Any], inputs: TensorLike, device: Any, kept: Any) -> Any:
    """Run the condition, fetch its answer, run the body."""
    condition, body, carries = (node.attributes[k] for k in ("condition", "body", "carries"))
    captured, limit = node.attributes["captured"], node.attributes["limit"]
    if "state" not in kept:
        kept["state"] = [device.buffer(x.shape, device.dtype_name(x)) for x in inputs[:carries]]
    state = kept["state"]
    tested, others = inputs[carries : carries + captured], inputs[carries + captured :]
    test = Bound(kept_bindable(kept, "condition", condition, device), [*state, *tested], device)
    work = Bound(kept_bindable(kept, "body", body, device), [*state, *others], device)
    advance = unaliased(work.outputs, state, device, work.shares_inputs(carries))

    def run():
        for target, value in zip(state, inputs):
            device.copy_into(target, value)
        steps = 0
        while limit is None or steps < limit:
            test.run()
            if not device.to_host(test.outputs[0]):
                break
            work.run()
            advance()
            steps += 1
        for target, value in zip(outputs, state):
            device.copy_into(target, value)

    return run


@lowering("cond")
def lower_cond(node: Any, outputs: Sequence[Any], inputs: TensorLike, device: Any, kept: Any) -> Any:
    """Fetch the predicate, run one branch, copy its results."""
    predicate, *values = inputs
    programs = [
        Bound(kept_bindable(kept, i, graph, device), values, device)
        for i, graph in enumerate(node.attributes["branches"])
    ]

    def run():
        chosen = programs[0] if device.to_host(predicate) else programs[1]
        chosen.run()
        for target, value in zip(outputs, chosen.outputs):
            device.copy_into(target, value)

    return run


@lowering("custom_gradient")
def lower_custom(node: Any, outputs: Sequence[Any], inputs: TensorLike, device: Any, kept: Any) -> Any:
    """The outputs are the first inputs; the rule has done its work when the graph was differentiated."""

    def run():
        for target, value in zip(outputs, inputs):
            device.copy_into(target, value)

    return run
