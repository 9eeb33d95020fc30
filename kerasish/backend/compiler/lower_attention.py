"""How attention runs where the device has no kernel for it: by parts, as a graph of its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from kerasish.backend.compiler.lower_branches import kept_bindable
from kerasish.backend.compiler.lowering import Steps, lowering
from kerasish.backend.primitives.attention import BY_PARTS
from kerasish.backend.primitives.primitive import Spec
from kerasish.backend.trace import TracedGraph, trace
from kerasish.typing import TensorLike


def by_parts(node: Any) -> TracedGraph:
    """The graph of other primitives that computes a node of attention or its gradients."""
    name = node.operation.name
    specs = [Spec(tuple(x.shape), x.dtype) for x in node.inputs]
    return trace(partial(BY_PARTS[name], **node.attributes), specs, name)


@lowering("attention", "attention_gradient")
def lower_attention(node: Any, outputs: Sequence[Any], inputs: TensorLike, device: Any, kept: Any) -> Any:
    """The products, and the softmax between."""
    if "graph" not in kept:
        kept["graph"] = by_parts(node)
    graph, steps = kept["graph"], Steps()
    bindable = kept_bindable(kept, "body", graph, device)
    bound, names, arrays = bindable.bind(dict(zip(graph.inputs, inputs)))
    steps.extend_named(bound, names)
    for target, made in zip(outputs, graph.outputs):
        copy = device.bind("identity", target, [arrays[bindable.alias(made)]], {})
        copies = copy if isinstance(copy, list) else [copy]
        steps.extend_named(copies, ["identity"] * len(copies))
    return steps
