"""A user's function on host arrays as a primitive, with a gradient found by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kerasish.backend.primitives.costs import HOST
from kerasish.backend.primitives.families import runs_graph
from kerasish.backend.primitives.primitive import Primitive, gradient_of

HOST_GRADIENTS = {}


def _host_shape(*inputs, function, specs, name):
    return specs(*inputs)


host_call: Primitive = runs_graph("host_call", _host_shape, cost=HOST, refuses=True)


def placed(name: str, out: Any, results: Any, as_array: Callable[[Any], Any]) -> Iterator[tuple[Any, Any]]:
    """(place in memory, host array that goes there) of what a user's function gave.

    Args:
        name: string, of the operation, for messages.
        out: array, or tuple of arrays where there are several outputs. results: what the function returned.
        as_array: function that makes a host array of a result.

    Raises:
        ValueError: for another number of results, and for another shape.
    """
    if not isinstance(out, (tuple, list)):
        out, results = (out,), (results,)
    if len(results) != len(out):
        raise ValueError(f"The operation {name!r} must return {len(out)} arrays, got {len(results)}.")
    for place, result in zip(out, map(as_array, results)):
        if result.shape != place.shape:
            raise ValueError(f"The operation {name!r} must return an array of shape {place.shape}, got {result.shape}.")
        yield place, result


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
