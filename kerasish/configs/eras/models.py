"""Sequential and functional models of Keras 1 and 2."""

from __future__ import annotations

import warnings
from typing import Any

from kerasish.configs.eras import merges, nodes, ops, values
from kerasish.typing import Config, DTypeLike, ShapeLike

_INTEGERS = ("Embedding",)
_ONLY_TRAINING = ("AddLoss", "AddMetric")


def _listed(config):
    return config if isinstance(config, list) else config["layers"]


def begins_with_merge(config: Config) -> Any:
    """Whether a Sequential has several branches: its first layer is Keras 1's Merge."""
    items = _listed(config)
    return bool(items) and isinstance(items[0], dict) and items[0].get("class_name") == "Merge"


# -- Sequential -------------------------------------------------------------------------------------------------------


def sequential(config: Config, era: Any, translate: Any) -> dict[str, Any]:
    """The config of a Sequential from a bare list or a dict with "layers".

    Args:
        translate: function (data, era) for the objects inside.
    """
    items = _listed(config)
    if begins_with_merge(config):
        raise ValueError(
            "This Sequential begins with a Merge of several branches, which is a functional model today: load the "
            "whole config "
            "({'class_name': 'Sequential', 'config': ...}) by `keras.models.model_from_json` or "
            "`keras.layers.deserialize`."
        )
    made = [translate(_with_name(item), era) for item in items]
    if items and made[0].get("class_name") != "InputLayer":
        entry = _entry(items[0], made[0])
        made = made if entry is None else [entry, *made]
    built = (
        {}
        if isinstance(config, list) or not config.get("build_input_shape")
        else {"build_input_shape": config["build_input_shape"]}
    )
    return {**_identity(config), "layers": made, **built}


def _identity(config):
    """Name and trainability; a model that Keras 1 saved as a list has no name."""
    given = {} if isinstance(config, list) else config
    return {"name": given.get("name"), "trainable": given.get("trainable") is not False}


def _with_name(item):
    """A layer of a Sequential without what only a graph needs."""
    if not values.is_object(item):
        raise ValueError(f"A layer of a Sequential must be a dict with 'class_name' and 'config', got {item!r}.")
    return {key: value for key, value in item.items() if key != "inbound_nodes"}


def _entry(old, made):
    """The InputLayer in front, from what the first layer says of its inputs; None where it says nothing."""
    inner = inputs_of(made)
    if inner:
        shape, dtype = inner[0]
        return input_layer(f"{nodes.name_of(made) or 'sequential'}_input", shape, dtype)
    config = old["config"] if isinstance(old["config"], dict) else {}
    shape = _shape_in(old["class_name"], config)
    if shape is None and old["class_name"] == "Bidirectional":
        shape = _shape_in(config["layer"]["class_name"], config["layer"]["config"])
    if shape is None:
        return None
    dtype = config.get("input_dtype") or ("int32" if old["class_name"] in _INTEGERS else config.get("dtype"))
    return input_layer(f"{config.get('name')}_input", shape, dtype if isinstance(dtype, str) else None)


def _shape_in(class_name, config):
    """The shape of the inputs, batch axis included, that a first layer was given."""
    if config.get("batch_input_shape"):
        return list(config["batch_input_shape"])
    batch = config.get("batch_size")
    if config.get("input_shape"):
        return [batch, *config["input_shape"]]
    length = config.get("input_length")
    if class_name == "Embedding":
        return [batch, *(length if isinstance(length, list) else [length])] if "input_length" in config else None
    if config.get("input_dim") is not None:
        steps = (
            [length]
            if length is not None
            or class_name in ("LSTM", "GRU", "SimpleRNN", "Conv1D", "Convolution1D", "TimeDistributedDense")
            else []
        )
        return [batch, *steps, config["input_dim"]]
    return None


def input_layer(name: str, batch_shape: ShapeLike, dtype: DTypeLike | None = None) -> Any:
    """The data of an InputLayer."""
    config = {
        "batch_shape": list(batch_shape),
        "dtype": _plain_dtype(dtype),
        "sparse": False,
        "ragged": False,
        "name": name,
        "optional": False,
    }
    return values.made("keras.layers", "InputLayer", config)


def _plain_dtype(dtype):
    return {"mixed_float16": "float32", "mixed_bfloat16": "float32", None: "float32"}.get(dtype, dtype)


def inputs_of(model: Any) -> Any:
    """[(batch shape, dtype)] of a translated model; [] for a layer, or a model whose inputs are open."""
    config = model.get("config")
    if not isinstance(config, dict) or not config.get("layers"):
        return []
    if model["class_name"] == "Sequential":
        first = config["layers"][0]
        return [_input_of(first)] if first["class_name"] == "InputLayer" else inputs_of(first)
    by_name = {nodes.name_of(item): item for item in config["layers"]}
    return [
        _input_of(by_name[reference[0]]) for reference in _flat(config.get("input_layers")) if reference[0] in by_name
    ]


def _input_of(layer):
    return layer["config"]["batch_shape"], layer["config"].get("dtype")


def _flat(structure):
    if nodes.is_reference(structure):
        return [structure]
    items = structure.values() if isinstance(structure, dict) else structure if isinstance(structure, list) else ()
    return [reference for item in items for reference in _flat(item)]


# -- functional models ------------------------------------------------------------------------------------------------


def functional(config: Config, era: Any, translate: Any) -> dict[str, Any]:
    """The config of a functional model.

    Args:
        translate: function (data, era) for the layers.
    """
    wiring = nodes.Wiring(config["layers"])
    wiring.count_outputs(config["output_layers"])
    made = []
    for item in config["layers"]:
        made.extend(_placed(item, wiring, era, translate))
    kinds = {nodes.name_of(item): item["class_name"] for item in made}
    return {
        **_identity(config),
        "layers": made,
        "input_layers": _ends(config["input_layers"], wiring, {}),
        "output_layers": _ends(config["output_layers"], wiring, kinds),
    }


def _ends(structure, wiring, kinds):
    """Inputs or outputs; a list of one is the one.

    Keras 3 counts the calls of a nested functional model from 1 here (and nowhere else).
    """
    if nodes.is_reference(structure):
        name, call, index = wiring.position(structure)
        return [name, call + 1 if kinds.get(name) == "Functional" else call, index]
    if isinstance(structure, dict):
        return {key: _ends(item, wiring, kinds) for key, item in structure.items()}
    if not isinstance(structure, list):
        raise ValueError(
            f"The config names {structure!r} as an input or output of a model: expected [layer, call, output]."
        )
    found = [_ends(item, wiring, kinds) for item in structure]
    return found[0] if len(found) == 1 else found


def _placed(item, wiring, era, translate):
    """A layer with its calls: one in today's form, or several that do the same together."""
    name, calls = nodes.name_of(item), item.get("inbound_nodes") or []
    if ops.is_operation(item["class_name"]):
        return ops.operation(item, [wiring.first_argument(node) for node in calls])
    if item["class_name"] in _ONLY_TRAINING:
        warnings.warn(
            f"The layer {name!r} ({item['class_name']}) adds to what training minimises or reports, which can't be "
            "loaded: the model predicts the "
            "same, but before training it further call `add_loss` in a layer again.",
            stacklevel=2,
        )
        item = {**item, "class_name": "Identity", "config": {"name": name}}
    if item["class_name"] == "Merge":
        calls = [wiring.call("Merge", item["config"], node) for node in calls]
        return merges.layers(item["config"], name, calls)
    config = item["config"] if isinstance(item["config"], dict) else {}
    made = translate(_with_name(item), era)
    made.pop("build_config", None)  # the calls build it
    if made["class_name"] in ("Sequential", "Functional") and not made["config"].get("name"):
        made["config"] = {**made["config"], "name": name}
    return [{**made, "name": name, "inbound_nodes": [wiring.call(item["class_name"], config, node) for node in calls]}]


# -- a Sequential of branches -----------------------------------------------------------------------------------------


def merged_sequential(config: Config, era: Any, translate: Any) -> dict[str, Any]:
    """The functional config of a Keras 1 Sequential that begins with a Merge of models."""
    items = _listed(config)
    merge = items[0]["config"]
    name = merge.get("name") or "merge_1"
    made, entries, branches = [], [], []
    for number, branch in enumerate(merge.get("layers") or [], 1):
        called = f"{name}_branch_{number}"
        layer = translate(_with_name(branch), era)
        inputs = inputs_of(layer) or _open_inputs(branch)
        if not inputs:
            raise ValueError(
                f"The branch {number} of the layer {name!r} (Merge) does not say the shape of its inputs. Add "
                "'batch_input_shape' to its first layer."
            )
        tensors = []
        for index, (shape, dtype) in enumerate(inputs):
            entry = f"{called}_input" + (f"_{index + 1}" if len(inputs) > 1 else "")
            made.append({**input_layer(entry, shape, dtype), "name": entry, "inbound_nodes": []})
            entries.append([entry, 0, 0])
            tensors.append(nodes.tensor([entry, 0, 0]))
        layer["config"] = {**layer["config"], "name": called}
        made.append(
            {
                **layer,
                "name": called,
                "inbound_nodes": [{"args": [tensors[0] if len(tensors) == 1 else tensors], "kwargs": {}}],
            }
        )
        branches.append(nodes.tensor([called, 0, 0]))
    if not branches:
        raise ValueError(f"The layer {name!r} (Merge) begins a Sequential, but holds no branches.")
    made.extend(merges.layers(merge, name, [{"args": [branches], "kwargs": {}}]))
    last = name
    for number, item in enumerate(items[1:], 1):
        layer = translate(_with_name(item), era)
        called = nodes.name_of(item) or f"{name}_then_{number}"
        layer["config"] = {**layer["config"], "name": called}
        made.append({**layer, "name": called, "inbound_nodes": [{"args": [nodes.tensor([last, 0, 0])], "kwargs": {}}]})
        last = called
    return {**_identity(config), "layers": made, "input_layers": entries, "output_layers": [last, 0, 0]}


def _open_inputs(branch):
    shape = _shape_in(branch["class_name"], branch["config"]) if isinstance(branch["config"], dict) else None
    return [(shape, None)] if shape else []
