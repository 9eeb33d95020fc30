"""LayerGraph: a graph whose nodes are calls of layers and of bare ops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import tree
from kerasish.backend.graph import Graph, KerasTensor, Tensor
from kerasish.typing import TensorLike


class LayerGraph(Graph):
    """What lies between the symbolic inputs and outputs of a model. Who asks what is connected to what asks it.

    Args:
        inputs, outputs: structures of KerasTensors; all inputs are made by InputLayers.
        name: the model's, for messages.
    """

    def __init__(self, inputs: TensorLike, outputs: Sequence[Any], name: str = "graph") -> None:
        super().__init__(inputs, outputs, name)
        self._in_order, self._calls = _sorted_operations(self)

    @property
    def operations(self) -> list[Any]:
        """Layers and bare ops as Keras lists them: the farthest from the outputs first, InputLayers included."""
        return self._in_order

    def calls_of(self, operation: Any) -> list[Any]:
        """The nodes of a layer or op within this graph, in the order of its calls; none for one that is not in it."""
        return self._calls.get(id(operation), [])

    def nodes_by_depth(self) -> dict[int, list[Any]]:
        """The nodes by the longest way from them to an output."""
        nodes, depths, _ = _depths(self)
        found = {}
        for node in nodes:
            found.setdefault(depths[id(node)], []).append(node)
        return found

    def __getstate__(self) -> Any:
        """As of every graph; ids of operations are others in a copy."""
        calls = [(operation, self.calls_of(operation)) for operation in self._in_order]
        return {**super().__getstate__(), "_calls": calls}

    def __setstate__(self, state: Any) -> None:
        vars(self).update(state, _calls={id(operation): calls for operation, calls in state["_calls"]})


def check_symbolic(owner: str, role: str, structure: Any) -> None:
    """Raise ValueError unless there are symbolic tensors, and nothing else.

    Args:
        owner: what is made of them, for the message.
        role: the argument's name.
        structure: what was given.
    """
    wanted = f"`{role}` of {owner} must be symbolic tensors (from `keras.Input` and layers called on it), got"
    flat = tree.flatten(structure)
    if not flat:
        raise ValueError(f"{owner[0].upper()}{owner[1:]} needs `{role}`: {wanted} {structure!r}.")
    for tensor in flat:
        if not isinstance(tensor, KerasTensor):
            raise ValueError(f"{wanted} {tensor!r}.")


def _depths(graph):
    """The nodes in order, and dicts from ids of nodes and of operations to depths: the longest way to an output."""
    depth_of_node, depth_of_operation = {}, {}
    source = {id(t): t.node for t in graph.inputs}
    nodes = list({id(t.node): t.node for t in graph.inputs}.values()) + graph.nodes
    for node in reversed(nodes):
        operation = id(node.operation)
        depth = max(depth_of_node.get(id(node), 0), depth_of_operation.get(operation, 0))
        depth_of_node[id(node)] = depth_of_operation[operation] = depth
        for tensor in node.inputs:
            if isinstance(tensor, Tensor):
                parent = source.get(id(tensor), tensor.node)
                depth_of_node[id(parent)] = max(depth_of_node.get(id(parent), 0), depth + 1)
    return nodes, depth_of_node, depth_of_operation


def _sorted_operations(graph):
    """Operations by depth, the deepest first.

    Those of one depth stand in order of discovery, as Keras lists them.

    Returns: the list of operations, and a dict from an operation's id to its nodes in this graph, in order.
    """
    nodes, _, depth_of_operation = _depths(graph)
    rank = {operation: i for i, operation in enumerate(_discovery_order(graph))}
    nodes_of = {}
    for node in nodes:
        nodes_of.setdefault(id(node.operation), []).append(node)
    for found in nodes_of.values():
        found.sort(key=_call_order)
    operations = list({id(node.operation): node.operation for node in nodes}.values())
    operations.sort(key=lambda op: (-depth_of_operation[id(op)], rank.get(id(op), -1)))
    return operations, nodes_of


def _call_order(node):
    history = getattr(node.operation, "_inbound_nodes", None)
    return next((i for i, other in enumerate(history) if other is node), 0) if history else 0


def _discovery_order(graph):
    """Ids of operations in the order in which a walk from the outputs, inputs first, meets them."""
    source = {id(t): t.node for t in graph.inputs}
    order, seen = [], set()
    for output in graph.outputs:
        stack = [source.get(id(output), output.node)]
        entered = []
        while stack:
            node = stack.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            entered.append(node)
            order.append(id(node.operation))
            stack.extend(source.get(id(t), t.node) for t in reversed([t for t in node.inputs if isinstance(t, Tensor)]))
    return list(dict.fromkeys(order))
