"""Layers as plain data and back."""

from __future__ import annotations

from typing import Any

from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.layers.base.layer import Layer
from kerasish.typing import Config, CustomObjects


def serialize(layer: Any) -> Any:
    """The config of a layer, with what is needed to find its class again.

    Args:
        layer: the layer.

    >>> import kerasish as keras
    >>> keras.layers.serialize(keras.layers.Flatten())["class_name"]
    'Flatten'
    """
    return serialize_keras_object(layer)


def deserialize(config: Config, custom_objects: CustomObjects = None) -> Any:
    """The layer (or model) that `serialize` described.

    Args:
        config: dict, as `serialize` returns.
        custom_objects: dict from name to class or function.

    Raises:
        ValueError: when the class is unknown, or no layer.

    >>> import kerasish as keras
    >>> keras.layers.deserialize(keras.layers.serialize(keras.layers.Dense(3))).units
    3
    """
    layer = deserialize_keras_object(config, custom_objects=custom_objects)
    if not isinstance(layer, Layer):
        raise ValueError(f"`config` must describe a layer, got {config!r}.")
    return layer
