"""Keras 0.x: a layer is {"name": class, argument: value, ...}; models are Sequential and Graph."""

from __future__ import annotations

import re
from typing import Any

from kerasish.configs.eras.training import training
from kerasish.typing import Config

_NOT_ARGUMENTS = (
    "name",
    "custom_name",
    "layers",
    "optimizer",
    "loss",
    "class_mode",
    "theano_mode",
    "sample_weight_mode",
    "sample_weight_modes",
    "loss_order",
)


def translate(config: Config, onward: Any) -> Any:
    """A model or layer of Keras 0 in today's form.

    Args:
        onward: function that translates data of Keras 1's form.
    """
    names = _Names()
    if isinstance(config, list):
        return onward([_layer(item, names) for item in config])
    made = onward(_layer(config, names))
    if config.get("optimizer") and config.get("loss"):
        made["compile_config"] = training({"optimizer_config": _optimizer(config["optimizer"]), "loss": config["loss"]})
    return made


class _Names:
    """Names for layers that have none of their own: "dense_1", "dense_2", ..."""

    def __init__(self):
        self.counts = {}

    def new(self, class_name):
        base = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", class_name).lower()
        self.counts[base] = self.counts.get(base, 0) + 1
        return f"{base}_{self.counts[base]}"


def _layer(data, names):
    """{"class_name", "config"} as Keras 1 has it."""
    if "class_name" in data:
        return data
    name = data["name"]
    if name == "Sequential":
        return {
            "class_name": "Sequential",
            "config": {"name": names.new("Sequential"), "layers": [_layer(item, names) for item in data["layers"]]},
        }
    if name == "Graph":
        return {"class_name": "Model", "config": _graph(data, names)}
    arguments = {key: value for key, value in data.items() if key not in _NOT_ARGUMENTS}
    arguments["name"] = _own_name(data, names)
    if name == "Merge":
        arguments["layers"] = [_layer(item, names) for item in data.get("layers") or []]
    return {"class_name": name, "config": arguments}


def _own_name(data, names):
    """The name that a user gave.

    Keras's own default was the class's name in small letters, the same for all layers of a class.
    """
    given = data.get("custom_name")
    return given if given and given.lower() != data["name"].lower() else names.new(data["name"])


def _optimizer(data):
    return (
        {"class_name": data["name"], "config": {key: value for key, value in data.items() if key != "name"}}
        if isinstance(data, dict)
        else data
    )


# -- Graph ------------------------------------------------------------------------------------------------------------


def _graph(data, names):
    """A Graph as a functional config of Keras 1."""
    items, inputs, outputs = [], [], []
    for entry in data["input_config"]:
        shape = [None, *entry["input_shape"]] if entry.get("input_shape") else entry.get("batch_input_shape")
        if not shape:
            raise ValueError(
                f"The input {entry.get('name')!r} of a Graph does not say its shape. Add 'input_shape' to it."
            )
        dtype = "int32" if entry.get("dtype") == "int" else "float32"
        items.append(
            {
                "class_name": "InputLayer",
                "name": entry["name"],
                "inbound_nodes": [],
                "config": {"name": entry["name"], "batch_input_shape": shape, "input_dtype": dtype},
            }
        )
        inputs.append([entry["name"], 0, 0])
    for entry in data["node_config"]:
        source = _joined(entry, items)
        layer = _layer(data["nodes"][entry["name"]], names)
        layer["config"]["name"] = entry["name"]
        items.append({**layer, "name": entry["name"], "inbound_nodes": [[[source, 0, 0]]]})
        if entry.get("create_output"):
            outputs.append([entry["name"], 0, 0])
    for entry in data["output_config"]:
        reference = [_joined(entry, items), 0, 0]
        if reference not in outputs:
            outputs.append(reference)
    return {"name": names.new("Graph"), "layers": items, "input_layers": inputs, "output_layers": outputs}


def _joined(entry, items):
    """The name of what a node takes: one other node, or a Merge of several that is put in front of it."""
    if entry.get("input"):
        return entry["input"]
    name = f"{entry['name']}_merged"
    config = {
        "name": name,
        "mode": entry.get("merge_mode", "concat"),
        "concat_axis": entry.get("concat_axis", -1),
        "dot_axes": entry.get("dot_axes", -1),
    }
    items.append(
        {
            "class_name": "Merge",
            "name": name,
            "config": config,
            "inbound_nodes": [[[source, 0, 0] for source in entry["inputs"]]],
        }
    )
    return name
