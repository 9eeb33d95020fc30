"""A user's function on host arrays as a primitive, with a gradient found by name."""

from __future__ import annotations

from typing import Any

from kerasish.backend.primitives.costs import HOST
from kerasish.backend.primitives.families import runs_graph
from kerasish.backend.primitives.primitive import Primitive, gradient_of

HOST_GRADIENTS = {}


def _host_shape(*inputs, function, specs, name):
    return specs(*inputs)


host_call: Primitive = runs_graph("host_call", _host_shape, cost=HOST, refuses=True)


class HostOperation:
    """What a registered gradient is given: the tensors of the call."""

    def __init__(self, node: Any) -> None:
        self.inputs: list[Any] = list(node.inputs)
        self.outputs: list[Any] = list(node.outputs)


@gradient_of(host_call)
def _host_gradient(node, *gs):
    name = node.attributes["name"]
    rule = HOST_GRADIENTS.get(name) or getattr(node.attributes["function"], "gradient", None)
    if rule is None:
        raise ValueError(
            f"The operation {name!r} has no gradient. Give it one with `backend.register_gradient({name!r})`."
        )
    found = rule(HostOperation(node), *gs)
    return list(found) if isinstance(found, (tuple, list)) else [found]
