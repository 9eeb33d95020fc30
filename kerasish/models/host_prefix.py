"""The part of a model's graph that is computed on values, before the compiled step: what turns text into numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish import tree
from kerasish.backend.graph import Graph, Tensor
from kerasish.layers.base.layer import Layer


class Prepared(dict[str, Any]):
    """What is given to a model in place of its inputs: numbers, of which the rest of its graph is computed."""


class HostPrefix:
    """A graph with text among its inputs, cut in two.

    The *readers* are the nodes that read text. Layers among them that run on the host, and all that they depend on, are
    computed on each batch by `prepare`; models among them are cut themselves. `finish` is the rest, which a step
    compiles.

    Args:
        graph: graph of layers.

    Attributes:
        obstacle: what keeps the graph from being cut, for a message; None where nothing does.
        reads_input: list of bools, whether `prepare` computes with an input.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.obstacle: str | None = None
        readers = [node for node in graph.nodes if any(map(is_string, node.inputs))]
        self._models = {id(node) for node in readers if getattr(node.operation, "_host_prefix", None) is not None}
        for node in readers:
            if id(node) not in self._models and not getattr(node.operation, "runs_on_host", False):
                self.obstacle = f"the layer {node.operation.name!r} ({type(node.operation).__name__}) reads text"
        if any(map(is_string, graph.outputs)):
            self.obstacle = "text is among its outputs"
        on_host = [node for node in readers if id(node) not in self._models]
        self._before = _with_ancestors(graph, readers)
        for node in self._before:
            if node not in readers and _learns(node.operation):
                self.obstacle = f"text meets what the layer {node.operation.name!r} computes, which training changes"
        read = {id(t) for node in self._before for t in node.inputs}
        self.reads_input: list[bool] = [id(tensor) in read for tensor in graph.inputs]
        handed = {id(t) for node in on_host for t in node.outputs if not is_string(t)}
        self._after, needed = self._rest(handed)
        self._keys = {place: f"{n}" for n, place in enumerate(needed)}

    def _rest(self, handed):
        """The nodes that are left to compute, and the ids of tensors (and of models' nodes) that they begin with."""
        wanted = {id(t): None for t in self._graph.outputs}
        after = []
        for node in reversed(self._graph.nodes):
            outputs = [id(t) for t in node.outputs]
            if not any(place in wanted and place not in handed for place in outputs):
                continue
            after.append(node)
            if id(node) in self._models:
                wanted[id(node)] = None  # what it is prepared for is all that it reads
            else:
                wanted.update((id(t), None) for t in node.inputs if isinstance(t, Tensor) and not is_string(t))
        made = {id(t) for node in after for t in node.outputs} - handed
        return after[::-1], [place for place in wanted if place not in made]

    def prepare(self, values: Sequence[Any]) -> Prepared:
        """The numbers that `finish` begins with, for the values of the graph's inputs."""
        computed = {id(tensor): value for tensor, value in zip(self._graph.inputs, values)}
        for node in self._before:
            args, kwargs = _given(node, computed)
            if id(node) in self._models:
                computed[id(node)] = node.operation._prepare_text(args[0] if args else next(iter(kwargs.values())))
                if not self._is_read(node):
                    continue
            for tensor, value in zip(node.outputs, tree.flatten(node.operation(*args, **kwargs))):
                computed[id(tensor)] = value
        return Prepared({key: computed[place] for place, key in self._keys.items()})

    def _is_read(self, node):
        """Whether something before the cut reads what a model gives."""
        outputs = {id(t) for t in node.outputs}
        return any(id(t) in outputs for other in self._before for t in other.inputs)

    def finish(self, prepared: Prepared, fit: Any) -> Any:
        """The graph's outputs in their structure.

        Args:
            prepared: what `prepare` gave.
            fit: function of (value, symbolic input, index) that checks and casts an input.
        """
        computed = {place: prepared[key] for place, key in self._keys.items()}
        for index, tensor in enumerate(self._graph.inputs):
            if id(tensor) in computed:
                computed[id(tensor)] = fit(computed[id(tensor)], tensor, index)
        for node in self._after:
            args, kwargs = _given(node, computed)
            if id(node) in self._models and args:
                args = (computed[id(node)], *args[1:])
            elif id(node) in self._models:
                kwargs[next(iter(kwargs))] = computed[id(node)]
            for tensor, value in zip(node.outputs, tree.flatten(node.operation(*args, **kwargs))):
                computed.setdefault(id(tensor), value)
        return tree.pack_sequence_as(self._graph.outputs_struct, [computed[id(t)] for t in self._graph.outputs])


def makes_text(graph: Graph) -> bool:
    """Whether a graph computes text, as a lookup with `invert` does."""
    return any(is_string(t) for node in graph.nodes for t in node.outputs)


def is_string(tensor: Any) -> bool:
    """Whether something is a symbolic tensor of text."""
    return isinstance(tensor, Tensor) and tensor.dtype == "string"


def _learns(operation):
    """Whether a layer has weights to train, or draws random numbers."""
    if not isinstance(operation, Layer):
        return False
    weights = operation.weights
    return any(v.born_trainable for v in weights) or len(operation.variables) > len(weights)


def _with_ancestors(graph, readers):
    """The nodes that are computed before the cut, in order: readers, and what they depend on."""
    wanted, before = set(), []
    reads = {id(node) for node in readers}
    for node in reversed(graph.nodes):
        if id(node) in reads or any(id(t) in wanted for t in node.outputs):
            before.append(node)
            wanted.update(id(t) for t in node.inputs if isinstance(t, Tensor))
    return before[::-1]


def _given(node, computed):
    """The arguments of a node, values in place of the tensors that have one."""

    def substitute(item):
        return computed.get(id(item), item) if isinstance(item, Tensor) else item

    return tree.map_structure(substitute, node.args), tree.map_structure(substitute, node.kwargs)
