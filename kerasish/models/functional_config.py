"""A functional model as a config and back: layers, and how each was called on the others' outputs."""

from __future__ import annotations

import inspect
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from kerasish import tree
from kerasish.backend.classic_graph import variable
from kerasish.backend.graph import KerasTensor, has_keras_tensor
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.layers.base.layer import Layer
from kerasish.layers.core.input_layer import InputLayer
from kerasish.ops.operation import OpCall
from kerasish.ops.serialization import deserialize_operation, names_an_op, serialize_operation
from kerasish.ops.user_operation import Operation
from kerasish.typing import Config, CustomObjects

if TYPE_CHECKING:
    from kerasish.models.model import Model


def has_functional_constructor(cls) -> bool:
    """Whether `cls(inputs, outputs, ...)` is how a model of this class is made."""
    names = list(inspect.signature(cls.__init__).parameters)[1:3]
    return names == ["inputs", "outputs"] or names == ["args", "kwargs"]


def to_config(model: Model) -> dict[str, Any]:
    """The config of a Functional, in Keras 3's form."""
    positions = _node_positions(model)
    layers = []
    for operation in model.operations:
        data = serialize_operation(operation) if isinstance(operation, OpCall) else serialize_keras_object(operation)
        if not getattr(operation, "weights", None):
            data.pop(
                "shared_object_id", None
            )  # Keras, where it shares a layer, counts its calls in other models too, and does not find this one's
        data["name"] = operation.name
        calls = [] if isinstance(operation, InputLayer) else model._graph.calls_of(operation)
        data["inbound_nodes"] = [_serialize_call(node, positions) for node in calls]
        layers.append(data)
    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": layers,
        "input_layers": _references(model.input, positions),
        "output_layers": _references(model.output, _output_positions(model, positions)),
    }


def _counts_from_one(operation):
    """Whether Keras counts the calls of this operation from 1 where it lists a model's outputs (and nowhere else).

    A nested functional model.
    """
    return hasattr(operation, "_input_layers")


def _output_positions(model, positions):
    nested = {operation.name for operation in model.operations if _counts_from_one(operation)}
    return {key: [name, call + 1 if name in nested else call, index] for key, (name, call, index) in positions.items()}


def _node_positions(model):
    """Where each tensor comes from: id -> [operation name, call, output]."""
    positions = {}
    for operation in model.operations:
        for call, node in enumerate(model._graph.calls_of(operation)):
            for index, tensor in enumerate(node.outputs):
                positions[id(tensor)] = [node.operation.name, call, index]
    for tensor in model.inputs:
        positions[id(tensor)] = [tensor.node.operation.name, 0, 0]
    return positions


def _serialize_call(node, positions):
    def reference(leaf):
        if not isinstance(leaf, KerasTensor):
            return leaf
        return _Reference(leaf, positions[id(leaf)])

    args, kwargs = tree.map_structure(reference, (node.args, node.kwargs))
    return {"args": _plain(list(args)), "kwargs": _plain(kwargs)}


class _Reference:
    def __init__(self, tensor, position):
        self.data = {
            "class_name": "__keras_tensor__",
            "config": {"shape": list(tensor.shape), "dtype": tensor.dtype, "keras_history": position},
        }


def _plain(value):
    if isinstance(value, _Reference):
        return value.data
    if isinstance(value, (list, tuple)):
        items = [_plain(item) for item in value]
        return (
            items
            if isinstance(value, list) or any(isinstance(leaf, _Reference) for leaf in tree.flatten(value))
            else serialize_keras_object(value)
        )
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return serialize_keras_object(value)


def _references(structure, positions):
    return (
        tree.map_structure(lambda tensor: positions[id(tensor)], structure)
        if tree.is_nested(structure)
        else positions[id(structure)]
    )


def from_config(cls, config: Config, custom_objects: CustomObjects = None) -> Any:
    """The model of class `cls` that `to_config` described. Raises ValueError naming what the graph lacks."""
    operations, outputs_of = {}, {}
    for data in config["layers"]:
        name = data.get("name") or data["config"]["name"]
        operations[name] = _make_operation(data, custom_objects)
    pending = []
    for data in config["layers"]:
        name = data.get("name") or data["config"]["name"]
        if isinstance(operations[name], InputLayer):
            outputs_of[name] = [[operations[name].output]]
        else:
            outputs_of[name] = []
            pending.extend((name, index, call) for index, call in enumerate(data["inbound_nodes"]))
    _replay(operations, outputs_of, pending)
    inputs = _resolve(config["input_layers"], outputs_of)
    nested = {name for name, operation in operations.items() if _counts_from_one(operation)}
    outputs = _resolve(config["output_layers"], outputs_of, nested)
    rest = {key: value for key, value in config.items() if key in ("name", "trainable")}
    return cls(inputs, outputs, **rest)


def _make_operation(data, custom_objects):
    if names_an_op(data):
        return deserialize_operation(data)
    made = deserialize_keras_object(data, custom_objects=custom_objects)
    if not isinstance(made, (Layer, Operation)):
        raise ValueError(f"The config names {data.get('class_name')!r} as a layer, but it is {made!r}.")
    return made


def _replay(operations, outputs_of, pending):
    """Make the calls, each as soon as its arguments are there.

    They are made in the order of Keras, which goes through the list again and again and makes what it can. Here each
    waits for the calls that it needs, since a chain that is listed backwards would have the list gone through once a
    call: a heap holds what can be made, by round and by place in the list.
    """
    missing, waiting, ready = [], {}, []
    for place, (name, index, call) in enumerate(pending):
        needed = {
            (source, number)
            for source, number, _ in _tensor_references(call)
            if number >= len(outputs_of.get(source, ()))
        }
        if index:
            needed.add((name, index - 1))
        missing.append(len(needed))
        for key in needed:
            waiting.setdefault(key, []).append(place)
        if not needed:
            ready.append((0, place))
    left = set(range(len(pending)))
    while ready:
        turn, place = heappop(ready)
        name, index, call = pending[place]
        if len(outputs_of[name]) != index or any(
            _position_of(ref, outputs_of) is None for ref in _tensor_references(call)
        ):
            continue
        args, kwargs = (_load(call[key], outputs_of) for key in ("args", "kwargs"))
        args, kwargs = _symbolic(args, kwargs, name)
        result = operations[name](*args, **kwargs)
        outputs_of[name].append(tree.flatten(result))
        left.remove(place)
        for follower in waiting.pop((name, index), ()):
            missing[follower] -= 1
            if not missing[follower]:
                heappush(ready, (turn if follower > place else turn + 1, follower))
    if left:
        raise ValueError(
            f"The config's graph is not connected: the inputs of {sorted({pending[place][0] for place in left})} are "
            "made by no layer."
        )


def _symbolic(args, kwargs, name):
    """The arguments of a call, so that calling makes a node and computes nothing.

    That holds whatever sizes and loops the config asks for.

    A call on values alone was one on classic variables (`K.variable`) when the model was written: their values become
    such variables again.
    """
    if has_keras_tensor(args, kwargs):
        return args, kwargs
    arrays = any(hasattr(leaf, "shape") for leaf in tree.flatten((args, kwargs)))

    def restored(leaf):
        if arrays:
            return variable(leaf, leaf.dtype) if hasattr(leaf, "shape") else leaf
        return (
            variable(leaf) if isinstance(leaf, (int, float)) and not isinstance(leaf, bool) else leaf
        )  # one without axes is written as a number

    args, kwargs = tree.map_structure(restored, (args, kwargs))
    if not has_keras_tensor(args, kwargs):
        raise ValueError(
            f"The config calls {name!r} on no input, output of another layer, or array: loading would compute it, so "
            "it is refused."
        )
    return args, kwargs


def _is_tensor_reference(value):
    return isinstance(value, dict) and value.get("class_name") == "__keras_tensor__"


def _tensor_references(value):
    if _is_tensor_reference(value):
        yield value["config"]["keras_history"]
    elif isinstance(value, dict):
        for item in value.values():
            yield from _tensor_references(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _tensor_references(item)


def _position_of(reference, outputs_of):
    name, call, index = reference
    calls = outputs_of.get(name, ())
    return calls[call][index] if call < len(calls) else None


def _load(value, outputs_of):
    if _is_tensor_reference(value):
        return _position_of(value["config"]["keras_history"], outputs_of)
    if isinstance(value, dict) and "class_name" not in value:
        return {key: _load(item, outputs_of) for key, item in value.items()}
    if isinstance(value, dict) and value["class_name"] == "__tuple__":
        return tuple(_load(item, outputs_of) for item in value["config"]["value"])
    if isinstance(value, (list, tuple)):
        return [_load(item, outputs_of) for item in value]
    return deserialize_keras_object(value)


def _resolve(structure, outputs_of, nested=()):
    if (
        isinstance(structure, (list, tuple))
        and len(structure) == 3
        and isinstance(structure[0], str)
        and isinstance(structure[1], int)
    ):
        name, call, index = structure
        tensor = _position_of([name, max(call - 1, 0) if name in nested else call, index], outputs_of)
        if tensor is None:
            raise ValueError(
                f"The config names the tensor {structure} as an input or output of the model, but no layer makes it."
            )
        return tensor
    if isinstance(structure, dict):
        return {key: _resolve(item, outputs_of, nested) for key, item in structure.items()}
    return [_resolve(item, outputs_of, nested) for item in structure]
