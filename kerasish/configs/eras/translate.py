"""The walk over a config of Keras 0, 1 or 2: each object by what it is."""

from __future__ import annotations

from typing import Any

from kerasish.configs.eras import keras0, layers, models, ops, training, values
from kerasish.configs.eras.layer_names import HOMES
from kerasish.configs.registration import find_custom
from kerasish.typing import Config

_MODELS = {
    "Model": "Functional",
    "Functional": "Functional",
    "Network": "Functional",
    "Container": "Functional",
    "Sequential": "Sequential",
}


def translate(config: Config, era: Any) -> Any:
    """`config` (an object, a model's config alone, a bare list, a dict of Keras 0) of that era in today's form."""
    config = _lists(config)
    if era == 0:
        return keras0.translate(config, lambda data: any_data(data, 1))
    if isinstance(config, list):
        return models.sequential(config, era, any_data)
    if "class_name" not in config and "layers" in config:
        make = models.functional if "input_layers" in config else models.sequential
        return make(config, era, any_data)
    return any_data(config, era)


def _lists(data):
    """`data` in which tuples and shapes, as TensorFlow tags them in JSON, are lists."""
    if isinstance(data, (list, tuple)):
        return [_lists(item) for item in data]
    if not isinstance(data, dict):
        return data
    if data.get("class_name") in ("__tuple__", "TensorShape") and "items" in data:
        return _lists(data["items"])
    return {key: _lists(item) for key, item in data.items()}


def any_data(data: Any, era: Any) -> Any:
    """Plain data in which objects are translated, whatever holds them."""
    if isinstance(data, list):
        return [any_data(item, era) for item in data]
    if not isinstance(data, dict):
        return data
    return (
        _object(data, era)
        if "class_name" in data and "config" in data
        else {key: any_data(item, era) for key, item in data.items()}
    )


def _object(data, era):
    name = data["class_name"]
    if not isinstance(name, str) or name.startswith("__"):
        return data
    if find_custom(data.get("registered_name") or name) is not None or find_custom(name) is not None:
        return _users_own(data, era)
    if name in _MODELS:
        return _model(data, era)
    if layers.is_known(name):
        return _layer(data, era)
    if ops.is_operation(name) or name == "Merge":
        raise ValueError(
            f"The layer {data['config'].get('name')!r} ({name}) stands outside of a model's graph, where its inputs "
            "are not known."
        )
    layers.check_not_gone(name, f"The layer {_name_in(data)!r}")
    found = training.any_object(data)
    return _users_own(data, era) if found is None else found


def _users_own(data, era):
    """A class that is not built in: its arguments are its own, but what they hold may be built in."""
    config = data["config"]
    if isinstance(config, dict) and "layers" in config and "input_layers" in config:
        inner = models.functional(config, era, any_data)
    else:
        inner = any_data(config, era)
    return _with_rest({**data, "config": inner}, data)


def _model(data, era):
    name, config = _MODELS[data["class_name"]], data["config"]
    if name == "Functional" and not (isinstance(config, dict) and "input_layers" in config):
        return _users_own(data, era)  # a model that was written by subclassing
    if name == "Sequential" and models.begins_with_merge(config):
        made = values.made("keras.src.models.functional", "Functional", models.merged_sequential(config, era, any_data))
    elif name == "Sequential":
        made = values.made("keras", "Sequential", models.sequential(config, era, any_data))
    else:
        made = values.made("keras.src.models.functional", "Functional", models.functional(config, era, any_data))
    return _with_rest(made, data)


def _layer(data, era):
    config = data["config"]
    if not isinstance(config, dict):
        raise ValueError(f"The config of a {data['class_name']} layer must be a dict, got {config!r}.")
    name, config = layers.layer_config(data["class_name"], config, era)
    config = {key: any_data(value, era) for key, value in config.items()}
    _drop_inner_shapes(name, config)
    module = data.get("module")
    home = (
        module
        if isinstance(module, str) and module.startswith("keras.") and not module.startswith("keras.src")
        else HOMES.get(name, "keras.layers")
    )
    return _with_rest(values.made(home, name, config), data)


def _drop_inner_shapes(name, config):
    """A stacked cell's states are found from the cells."""
    if name == "StackedRNNCells":
        config.pop("state_size", None)


def _with_rest(made, data):
    """What stands beside "class_name" and "config" and means the same today."""
    for key in ("name", "build_config", "shared_object_id"):
        if key in data:
            made[key] = data[key]
    if data.get("compile_config"):
        given = {
            key: value for key, value in data["compile_config"].items() if value is not None
        }  # a user's model may compile with more
        made["compile_config"] = {**given, **training.training(given)}
    elif data.get("compile_config", 0) is None:
        made.pop("compile_config", None)
    return made


def _name_in(data):
    config = data["config"]
    return config.get("name") if isinstance(config, dict) else None
