"""An optimizer's state in a checkpoint of TensorFlow 2, as a list of arrays such as an HDF5 file has."""

from __future__ import annotations

from typing import Any

from kerasish.files.tensorflow.object_graph import KeptTensor, Node, ObjectGraph

_AROUND = ("inner_optimizer", "_optimizer")  # what scales the loss holds the optimizer that it is around


def state_of(graph: ObjectGraph, node: Node | None) -> list[Any]:
    """Its arrays: the number of steps first, then the slots, in the order in which they were made; [] for none.

    Since TensorFlow 2.11 an optimizer lists them; before, the graph says which slot belongs to which variable.
    """
    while node is not None and (inner := next((node.children[n] for n in _AROUND if n in node.children), None)):
        node = inner
    if node is None:
        return []
    listed = node.child("_variables")
    if listed is not None:
        found = [graph.source(child) for child in listed.numbered()]
        rate = node.child("_learning_rate")
        return [source for source in found if source is not None] + _scalars(graph, [rate])
    found = _scalars(graph, [node.child("iter"), node.child("learning_rate")])
    for variable, name, slot in node.slots:
        source, weight = graph.source(slot), graph.source(variable)
        if source is not None and weight is not None:
            kept = KeptTensor(source._tensor, f"{weight.name}/{name}")
            kept.order = source.order
            found.append(kept)
    return found


def _scalars(graph, nodes):
    found = [graph.source(node) for node in nodes if node is not None]
    return [source for source in found if source is not None and source.shape == ()]
