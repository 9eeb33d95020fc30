"""The config of a layer of Keras 1 or 2, as Keras 3 says it."""

from __future__ import annotations

import warnings
from typing import Any

from kerasish.configs.eras import values
from kerasish.configs.eras.layer_habits import FIXES
from kerasish.configs.eras.layer_names import DATA_FORMATS, GONE, NUMBERS, OF_EVERY_LAYER, TODAY
from kerasish.typing import Config


def is_known(class_name: str) -> bool:
    """Whether a layer of this name is in the tables."""
    return class_name in TODAY


def check_not_gone(class_name: str, owner: str) -> None:
    """Raise ValueError for a layer that no later Keras has."""
    if class_name in GONE:
        raise ValueError(
            f"{owner} is a {class_name}, which Keras 3 does not have and no layer of it says. Put it together from "
            f"{GONE[class_name]}, "
            f"or write a layer of that name and pass it as `custom_objects={{{class_name!r}: ...}}`."
        )


def layer_config(class_name: str, config: Config, era: Any) -> tuple[Any, ...]:
    """Today's class name and config of a built-in layer of Keras 1 or 2.

    Objects that hold layers (wrappers, cells) are left to the caller.

    Raises:
        ValueError: that names the layer, for a value that can't be said today.
    """
    owner = f"The layer {config.get('name')!r}"
    today, renames, extras = TODAY[class_name]
    config = dict(config)
    _join_sizes(config)
    _replace_before_renaming(class_name, config, owner)
    _rename(config, renames, owner)
    for name in (*extras, *(OF_EVERY_LAYER if class_name != "InputLayer" else ())):
        config.pop(name, None)
    if "data_format" in config:
        config["data_format"] = DATA_FORMATS.get(config["data_format"], config["data_format"])
    for name in NUMBERS.get(today, ()):
        if name in config:
            config[name] = values.number(config[name])
    if today in FIXES:
        FIXES[today](class_name, config, owner, era)
    return today, {key: values.any_value(key, value, owner) for key, value in config.items()}


def _rename(config, renames, owner):
    for old, new in renames.items():
        if old not in config:
            continue
        if new in config:
            raise ValueError(
                f"{owner} has both {new!r} and its old spelling {old!r}. Remove one of them from the config."
            )
        config[new] = config.pop(old)


def _join_sizes(config):
    """Kernel sizes that Keras 1 keeps in several arguments."""
    for parts in (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3")):
        if all(part in config for part in parts):
            config["kernel_size"] = [config.pop(part) for part in parts]


def _replace_before_renaming(class_name, config, owner):
    """Arguments whose name is another's today, or that ask for something that only training needs."""
    if config.get("border_mode") in ("half", "full") or config.get("padding") in ("half", "full"):
        mode = config.get("border_mode") or config.get("padding")
        raise ValueError(
            f"{owner} ({class_name}) has border_mode={mode!r}, which only Theano knew. Put a ZeroPadding layer of the "
            "needed width in front of it in the "
            "config, and say border_mode='valid'."
        )
    if "init" in config and class_name.startswith("SeparableConv"):
        config.update({f"{part}_initializer": config["init"] for part in ("depthwise", "pointwise")})
        del config["init"]
    if class_name == "Embedding" and config.get("dropout"):
        warnings.warn(
            f"{owner} (Embedding) drops whole words in training (dropout={config['dropout']}), which is left out: "
            "predictions are the same. "
            "Put a SpatialDropout1D layer behind it to have it again.",
            stacklevel=2,
        )
    if "forget_bias_init" in config:
        initial = config.pop("forget_bias_init")
        if class_name != "GRU":
            config["unit_forget_bias"] = initial in ("one", "ones")
    if config.get("time_major"):
        raise ValueError(
            f"{owner} ({class_name}) has time_major=True, which Keras 3 does not have. Put Permute layers around it, "
            "and say time_major=False."
        )
