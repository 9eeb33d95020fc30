"""Which variable of a model takes which tensor of a checkpoint: by the names of attributes, from the model down.

A checkpoint of TensorFlow 2 says how objects hold each other ("layer-1", "cell", "kernel"), and the model's own objects
do so by the same names. Where they don't (a layer that calls its parts otherwise today), all arrays of a layer are
matched by their names, shapes and order, as those of an HDF5 file are.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from kerasish.backend import Variable
from kerasish.files.old_hdf5.arrangement import match
from kerasish.files.tensorflow.object_graph import Node, ObjectGraph
from kerasish.layers.base.layer import Layer

_TODAY = SimpleNamespace(era=2, flipped=False)
_MOST_DEPTH = 256  # lists inside each other


class Matching:
    """What was found.

    Attributes:
        pairs: list of (Variable, KeptTensor or Derived).
        problems: list of (what, text).
        places: list of (layer, its Node), layers without variables too.
    """

    def __init__(self, graph: ObjectGraph, names: dict[int, str] | None = None) -> None:
        self.pairs: list[Any] = []
        self.problems: list[tuple[str, str]] = []
        self.places: list[tuple[Layer, Node]] = []
        self._graph, self._names = graph, names or {}
        self._done: set[int] = set()

    def add(self, layer: Layer, node: Node) -> None:
        """Match a layer or model, and all below it, with the object that it was."""
        if id(layer) in self._done:
            return
        self._done.add(id(layer))
        self.places.append((layer, node))
        wanted = [variable for variable in layer.weights if id(variable) not in self._done]
        before = len(self.pairs), len(self.problems)
        self._by_attributes(layer, node)
        missing = [variable for variable in wanted if id(variable) not in self._done]
        if not missing and len(self.problems) == before[1]:
            return
        if _is_list_of_layers(layer) and len(self.problems) > before[1]:
            return  # what does not fit was said of the layer where it stands
        sources = self._graph.variables_below(node)
        found = match(layer, sources, _TODAY)
        if len(sources) == len(wanted) and found.fits:
            del self.pairs[before[0] :], self.problems[before[1] :]
            self._take(found.pairs)
        elif len(self.problems) == before[1]:
            names = ", ".join(repr(variable.path) for variable in missing[:5])
            held = ", ".join(repr(source.name) for source in sources[:5]) or "no variables"
            self.problems.append((_described(layer), f"nothing is stored for {names}; there are {held}"))

    def _take(self, pairs):
        for variable, source in pairs:
            self.pairs.append((variable, source))
            self._done.add(id(variable))

    def _by_attributes(self, layer, node):
        if _is_list_of_layers(layer):
            self._layers_of_model(layer, node)
        own = {id(variable) for variable in layer._own_variables}
        for name, value in list(vars(layer).items()):
            if isinstance(value, Variable):
                if id(value) in own:
                    self._variable(layer, node, (name, value.name), value)
                    own.discard(id(value))
            elif isinstance(value, (Layer, list, tuple, dict)):
                self._attribute(layer, node, name, value)
        for variable in layer._own_variables:
            if id(variable) in own:
                self._variable(layer, node, (variable.name,), variable)

    def _attribute(self, layer, node, name, value):
        child = node.child(name)
        if child is not None:
            below = {id(inner) for inner in layer._layers}
            for inner, place in _members(value, child, 0):
                if id(inner) in below:
                    self.add(inner, place)
                elif isinstance(inner, Variable):
                    self._variable(layer, place, (), inner)

    def _variable(self, layer, node, names, variable):
        if id(variable) in self._done or not any(variable is weight for weight in layer.weights):
            return
        children = [node.child(name) for name in names] if names else [node]
        source = next((found for child in children if child and (found := self._graph.source(child))), None)
        if source is None:
            return
        if tuple(variable.shape) != source.shape:
            text = f"weight {variable.path!r} has shape {tuple(variable.shape)}, the file holds {source.shape}"
            self.problems.append((_described(layer), f"{text} ({source.name!r})"))
        else:
            self._take([(variable, source)])

    # -- the layers of Functional and Sequential ------------------------------------------------------------------

    def _layers_of_model(self, model, node):
        """By name where the file tells the names of layers, else in their order."""
        every = node.numbered("layer-")
        named = {self._names[child.number]: child for child in every if child.number in self._names}
        layers = list(model.layers)
        if layers and all(layer.name in named for layer in layers):
            pairs = [(layer, named[layer.name]) for layer in layers]
        elif len(every) in (len(layers), len(layers) + 1):
            pairs = list(zip(layers, every[len(every) - len(layers) :]))
        else:
            layers = [layer for layer in layers if layer.weights]
            weighted = node.numbered("layer_with_weights-")
            if len(weighted) != len(layers):
                text = f"it has {len(layers)} layers with weights, the file {len(weighted)}"
                self.problems.append((_described(model), text))
                return
            pairs = list(zip(layers, weighted))
        for layer, child in pairs:
            self.add(layer, child)


def _is_list_of_layers(layer):
    return getattr(layer, "_graph", None) is not None or hasattr(layer, "_stack")


def _members(value: Any, node: Node, depth: int) -> Iterator[tuple[Any, Node]]:
    """(layer or variable, its Node) of what an attribute holds."""
    if isinstance(value, (Layer, Variable)):
        yield value, node
        return
    if depth > _MOST_DEPTH:
        return
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        child = node.children.get(str(key))
        if child is not None and isinstance(inner, (Layer, Variable, list, tuple, dict)):
            yield from _members(inner, child, depth + 1)


def _described(layer):
    return f"layer {layer.name!r}"
