"""Layers by a config, read as plain data: nothing in it is looked up, imported or made."""

from __future__ import annotations

from typing import Any

from kerasish.backend.names import to_snake_case
from kerasish.typing import Config

_INNER = ("layer", "forward_layer", "cell", "backward_layer")  # arguments of layers that hold layers
_MAX_DEPTH = 60


def facts_of(config: Config) -> dict[str, Any]:
    """Dict of what a model's config says about the model."""
    if not isinstance(config, dict):
        return {}
    inner = config.get("config")
    name = inner.get("name") if isinstance(inner, dict) else None
    compiled = config.get("compile_config")
    facts = {"class": config.get("class_name"), "name": name}
    if isinstance(compiled, dict):
        facts["optimizer"] = _class_of(compiled.get("optimizer"))
        facts["loss"] = _class_of(compiled.get("loss"))
    return {key: str(value) for key, value in facts.items() if value is not None}


def _class_of(value):
    if isinstance(value, dict) and "class_name" in value:
        inner = value.get("config")
        return inner if value["class_name"] == "function" and isinstance(inner, str) else value["class_name"]
    return value if isinstance(value, str) else None


def layers_of(config: Config) -> Any:
    """A list of dicts, one a layer, in order.

    They hold "name", "class_name", "depth" (0 for the model's own), "trainable", "place" (where Keras 3 keeps its
    weights), and "wrapped" (whether it is inside another layer, not a model).
    """
    rows = []
    _walk(config, 0, "", rows)
    return rows


def _walk(config, depth, place, rows):
    inner = config.get("config") if isinstance(config, dict) else None
    if depth > _MAX_DEPTH:
        return
    listed = (
        inner.get("layers") if isinstance(inner, dict) else inner
    )  # before Keras 2.2.3 a Sequential's config was the list
    if isinstance(listed, list):
        sequential = config.get("class_name") == "Sequential"
        used = {}
        for layer in listed:
            if not isinstance(layer, dict):
                continue
            skipped = sequential and layer.get("class_name") == "InputLayer"
            _add(layer, depth, f"{place}layers/{'' if skipped else _numbered(layer, used)}", rows)
    elif isinstance(inner, dict):
        for key in _INNER:
            if isinstance(inner.get(key), dict) and "class_name" in inner[key]:
                _add(inner[key], depth, f"{place}{key}", rows, wrapped=True)


def _add(layer, depth, place, rows, wrapped=False):
    inner = layer.get("config")
    inner = inner if isinstance(inner, dict) else {}
    rows.append(
        {
            "name": str(inner.get("name", layer.get("name", "?"))),
            "class_name": str(layer.get("class_name", "?")),
            "depth": depth,
            "trainable": inner.get("trainable") is not False,
            "place": place,
            "wrapped": wrapped,
        }
    )
    _walk(layer, depth + 1, f"{place}/", rows)


def _numbered(layer, used):
    name = to_snake_case(str(layer.get("class_name", "?")))
    used[name] = used.get(name, -1) + 1
    return f"{name}_{used[name]}" if used[name] else name
