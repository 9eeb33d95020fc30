"""A model as TensorBoard's graph: a node for each layer, a frame for each model within the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kerasish import tree
from kerasish.backend import context
from kerasish.backend.graph import KerasTensor
from kerasish.backend.trace import trace
from kerasish.summary.writer import tensorboardx
from kerasish.utils.drawing.diagram import Box, Style, diagram_of

if TYPE_CHECKING:
    from kerasish.models.model import Model

_STYLE = Style(
    show_shapes=True, show_dtype=True, show_layer_names=True, show_layer_activations=True, expand_nested=True
)


def has_layer_graph(model: Model) -> bool:
    """Whether the model says itself how its layers hang together: functional ones and built Sequentials."""
    return getattr(model, "_graph", None) is not None


def graph_of_layers(model: Model) -> Any:
    """The `GraphDef` of a model that `has_layer_graph`.

    Args:
        model: the model.

    Returns:
        `GraphDef` of tensorboardX.
    """
    diagram = diagram_of(model, _STYLE)
    names, boxes = {}, []

    def visit(group, above):
        for member in group.members:
            name = _unused(above + _word(member.name), names.values())
            names[id(member)] = name
            if isinstance(member, Box):
                boxes.append(member)
            else:
                visit(member, f"{name}/")

    visit(diagram, "")
    inputs = {}
    for source, target in diagram.edges:
        inputs.setdefault(id(target), []).append(names[id(source)])
    return _definition(
        (names[id(box)], box.kind, inputs.get(id(box), []), {label: value for label, value, _ in box.rows})
        for box in boxes
    )


def graph_of_call(model: Model, x: Any) -> Any:
    """The `GraphDef` of any model, from what it does with a batch: what a layer computes is one node.

    Args:
        model: built model.
        x: the inputs of a batch.

    Returns:
        `GraphDef` of tensorboardX.
    """
    leaves = [leaf for leaf in tree.flatten(x) if leaf is not None]

    def run(*tensors):
        given = iter(tensors)
        packed = [None if leaf is None else next(given) for leaf in tree.flatten(x)]
        return model(tree.pack_sequence_as(x, packed), training=False)

    with context.escaped():
        traced = trace(run, [KerasTensor((None, *leaf.shape[1:]), str(leaf.dtype)) for leaf in leaves], model.name)
    model._clear_losses()
    kinds = {layer.path: type(layer).__name__ for layer in model._flatten_layers()}
    owner, members = {}, {}
    for number, tensor in enumerate(traced.inputs):
        owner[id(tensor)] = f"input_{number}"
    for node in traced.nodes:
        scope = node.scope if node.scope in kinds else model.path
        members.setdefault(scope, []).append(node)
        owner.update({id(tensor): scope for tensor in node.outputs})
    holders = {scope.rpartition("/")[0] for scope in members}  # a layer with layers in it has its own ops beside them
    named = {scope: _below(model.path, scope, scope in holders) for scope in members}
    nodes = [(f"input_{i}", "InputLayer", [], {"output": str(t.shape)}) for i, t in enumerate(traced.inputs)]
    for scope, made in members.items():
        read = [owner.get(id(t)) for node in made for t in node.inputs]
        sources = [named.get(source, source) for source in dict.fromkeys(read) if source not in (None, scope)]
        facts = {"output": str(made[-1].outputs[0].shape), "ops": " ".join(node.operation.name for node in made)}
        nodes.append((named[scope], kinds[scope], sources, facts))
    return _definition(nodes)


def _definition(nodes: Sequence[tuple[str, str, Sequence[str], Mapping[str, str]]]) -> Any:
    """The GraphDef of (name, kind, names of inputs, facts)."""
    x = tensorboardx()
    made = []
    for name, kind, inputs, facts in nodes:
        attributes = {label: x.AttrValue(s=value.encode()) for label, value in facts.items()}
        attributes["_output_shapes"] = x.AttrValue(list=_shape(facts.get("output", "")))
        made.append(x.NodeDef(name=name, op=kind, input=inputs, attr=attributes))
    return x.GraphDef(node=made, versions=x.VersionDef(producer=22))


def _below(root, scope, is_holder):
    """The name of what a layer itself computes: its path below the model."""
    own = scope.rpartition("/")[2]
    path = scope.removeprefix(f"{root}/")
    return f"{path}/{own}" if is_holder and scope != root else path


def _shape(text):
    """What the arrows from a layer say, of a text such as "(None, 3)"; an empty list for another."""
    x = tensorboardx()
    sizes = [part.strip() for part in text.strip("()").split(",") if part.strip()]
    if not all(size == "None" or size.isdigit() for size in sizes):
        return x.AttrValue.ListValue()
    dims = [x.TensorShapeProto.Dim(size=-1 if size == "None" else int(size)) for size in sizes]
    return x.AttrValue.ListValue(shape=[x.TensorShapeProto(dim=dims)])


def _word(name):
    """A name as a part of a path."""
    return "".join(c if c.isalnum() or c in "_.-" else "_" for c in name) or "_"


def _unused(name, taken):
    taken, number, found = set(taken), 1, name
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found
