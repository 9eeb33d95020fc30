"""Keras 1's Merge: today a layer for each mode."""

from __future__ import annotations

from typing import Any

from kerasish.configs.eras import nodes, values
from kerasish.configs.registration import find_custom
from kerasish.typing import Config

_MODES = {
    "sum": "Add",
    "mul": "Multiply",
    "ave": "Average",
    "max": "Maximum",
    "concat": "Concatenate",
    "dot": "Dot",
    "cos": "Dot",
}


def layers(config: Config, name: str, calls: Any) -> list[Any]:
    """The layers that do what a Merge did: one, or for "cos" a Dot and the axis that Keras 1 put into its result.

    Args:
        config: the Merge's config.
        name: what the result is called.
        calls: list of {"args", "kwargs"}.
    """
    mode = config.get("mode", "sum")
    if mode not in _MODES or config.get("mode_type", "raw") != "raw":
        return [{**_of_a_function(config, name), "name": name, "inbound_nodes": calls}]
    today = {"name": name}
    if mode == "concat":
        today["axis"] = config.get("concat_axis", -1)
    elif mode in ("dot", "cos"):
        axes = config.get("dot_axes", -1)
        today.update(
            axes=[axis[0] if isinstance(axis, list) else axis for axis in axes] if isinstance(axes, list) else axes,
            normalize=mode == "cos",
        )
    made = {**values.made("keras.layers", _MODES[mode], today), "name": name, "inbound_nodes": calls}
    if mode != "cos":
        return [made]
    inner = f"{name}_cosine"
    made = {**made, "name": inner, "config": {**today, "name": inner}}
    axis = {
        "module": "keras.src.ops.numpy",
        "class_name": "ExpandDims",
        "config": {"name": name, "axis": 1},
        "registered_name": "ExpandDims",
        "name": name,
    }
    return [
        made,
        {
            **axis,
            "inbound_nodes": [{"args": [nodes.tensor([inner, call, 0])], "kwargs": {}} for call in range(len(calls))],
        },
    ]


def _of_a_function(config, name):
    """The layer of Keras 1 for a mode that is a function which the program gives; code in the file is refused."""
    mode = config.get("mode")
    if config.get("mode_type") != "function" or find_custom(mode) is None:
        raise ValueError(
            f"The layer {name!r} (Merge) has a mode that is code ({config.get('mode_type')}): loading never runs code "
            "of a file. Give the function, where it has a name, as `custom_objects={name: function}`, or build the "
            f"model again with a layer of your own in its place. (Modes that load: {', '.join(_MODES)}.)"
        )
    made = {"name": name, "mode": _function(mode), "arguments": config.get("arguments") or {}}
    if config.get("output_mask_type") == "function" and find_custom(config.get("output_mask")) is not None:
        made["output_mask"] = _function(config["output_mask"])
    return values.made("keras.layers", "Merge", made)


def _function(name):
    return {"module": "builtins", "class_name": "function", "config": name, "registered_name": name}
