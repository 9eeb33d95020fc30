"""What a picture of a model shows: boxes, groups of them, and arrows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasish import tree
from kerasish.ops.serialization import class_name

if TYPE_CHECKING:
    from kerasish.models.model import Model

_LONGEST_SHAPE = 64
TONES = {"good": "#15803d", "bad": "#b91c1c"}  # colours of facts


class Box:
    """A layer, an op or a model that is not unfolded.

    `name` and `kind` (its class), `rows`: list of (label, value, tone), tone "", "good" or "bad".
    """

    def __init__(self, name: str, kind: str, rows: Any, title: Any) -> None:
        self.name, self.kind, self.rows, self.title = name, kind, rows, title
        self.parent = None


class Group:
    """A model with its members (Boxes and Groups) in order.

    Of the outermost one `edges` holds the arrows: list of (Box, Box), each once.
    """

    def __init__(self, name: str, kind: str) -> None:
        self.name, self.kind = name, kind
        self.members, self.edges, self.parent = [], [], None

    def add(self, member: Any) -> Any:
        """Append a Box or a Group."""
        member.parent = self
        self.members.append(member)
        return member


class Style:
    """Which facts a Box tells."""

    def __init__(
        self,
        show_shapes: bool = False,
        show_dtype: bool = False,
        show_layer_names: bool = False,
        show_layer_activations: bool = False,
        show_trainable: bool = False,
        expand_nested: bool = False,
    ) -> None:
        self.shapes, self.dtype, self.names, self.activations, self.trainable, self.nested = (
            show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable, expand_nested,
        )  # fmt: skip


def diagram_of(model: Model, style: Any) -> Any:
    """The Group that shows `model`. A model without a graph (subclassed) is one Box in it."""
    root = Group(model.name, type(model).__name__)
    if _graph(model) is None:
        root.add(_box(model, getattr(model, "_inbound_nodes", ()), style))
        return root
    shown = {}
    _fill(root, model, style, shown)
    pairs = {}
    for owner, group in [
        (model, root),
        *((op, member) for (_, op), member in shown.values() if isinstance(member, Group)),
    ]:
        for source, target in _arrows(owner, group, shown):
            pairs[id(source), id(target)] = (source, target)
    root.edges = list(pairs.values())
    return root


def _graph(model):
    """The functional graph of a model, or None."""
    return getattr(model, "_graph", None)


def _operations(model):
    """A Sequential model does not show its Input, as in Keras."""
    hidden = (
        {id(layer) for layer in getattr(model, "_stack", ())} - {id(layer) for layer in model.layers}
        if hasattr(model, "_stack")
        else ()
    )
    return [operation for operation in _graph(model).operations if id(operation) not in hidden]


def _fill(group, model, style, shown):
    """`shown`: dict from (the id of a Group, the id of an operation in it) to ((Group, operation), what shows it)."""
    graph = _graph(model)
    for operation in _operations(model):
        if style.nested and _graph(operation) is not None:
            member = group.add(Group(operation.name, type(operation).__name__))
            _fill(member, operation, style, shown)
        else:
            member = group.add(_box(operation, graph.calls_of(operation), style))
        shown[id(group), id(operation)] = ((group, operation), member)


def _arrows(model, group, shown):
    for operation in _operations(model):
        for node in _graph(model).calls_of(operation):
            for position, tensor in enumerate(node.inputs):
                source = _source(group, tensor, shown)
                if source is not None:
                    yield source, _target(group, operation, position, shown)


def _source(group, tensor, shown):
    """The Box that makes a tensor; within a Group the one that makes the output."""
    if tensor.node is None or (id(group), id(tensor.node.operation)) not in shown:
        return None
    operation, index = tensor.node.operation, tensor.index
    member = shown[id(group), id(operation)][1]
    while isinstance(member, Group):
        inner = _graph(operation).outputs[index]
        group, operation, index = member, inner.node.operation, inner.index
        member = shown[id(group), id(operation)][1]
    return member


def _target(group, operation, position, shown):
    """The Box that takes an operand; within a Group the Input, or what comes first where that is not shown."""
    member = shown[id(group), id(operation)][1]
    while isinstance(member, Group):
        group, model = member, operation
        if hasattr(model, "_stack"):
            operation, position = model.layers[0], 0
        else:
            inputs = _graph(model).inputs
            operation = inputs[min(position, len(inputs) - 1)].node.operation
        member = shown[id(group), id(operation)][1]
    return member


def _box(layer, nodes, style):
    kind = class_name(layer.op) if not hasattr(layer, "weights") and hasattr(layer, "op") else type(layer).__name__
    rows = []
    activation = getattr(layer, "activation", None)
    if style.activations and activation is not None:
        rows.append(
            (
                "activation",
                getattr(activation, "name", None) or getattr(activation, "__name__", None) or str(activation),
                "",
            )
        )
    nodes = [node for node in nodes if node is not None]
    if style.shapes:
        if kind != "InputLayer":
            rows.append(("input", _joined(nodes, lambda node: _shapes([t.shape for t in node.inputs])), ""))
        rows.append(("output", _joined(nodes, lambda node: _shapes([t.shape for t in node.outputs])), ""))
    if style.dtype:
        rows.append(
            (
                "dtype",
                _joined(nodes, lambda node: ", ".join(dict.fromkeys(str(t.dtype) for t in tree.flatten(node.outputs)))),
                "",
            )
        )
    if style.trainable and getattr(layer, "weights", None):
        rows.append(("weights", "trainable", "good") if layer.trainable else ("weights", "frozen", "bad"))
    return Box(layer.name if style.names else None, kind, rows, f"{layer.name} ({kind})")


def _joined(nodes, told):
    """Of a layer that is called several times each different answer once."""
    return " | ".join(dict.fromkeys(told(node) for node in nodes)) or "?"


def _shapes(shapes):
    if len(shapes) == 1:
        return str(tuple(shapes[0]))
    if not shapes:
        return "?"
    texts = [str(tuple(shape)) for shape in shapes]
    if len(set(texts)) == 1:
        return f"{len(texts)} × {texts[0]}"
    shown = []
    for text in texts:
        if shown and len(", ".join([*shown, text])) > _LONGEST_SHAPE:
            return f"[{', '.join(shown)}, and {len(texts) - len(shown)} more]"
        shown.append(text)
    return f"[{', '.join(shown)}]"
