"""Objects to configs, models to files, and back (`keras.saving`)."""

from __future__ import annotations

import importlib
from typing import Any

from kerasish.configs.registration import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "register_keras_serializable",
    "serialize_keras_object",
]

_FILES = {
    name: "saving_api" for name in ("save_model", "load_model", "save_weights", "load_weights", "model_from_json")
}
_FILES["KerasFileEditor"] = "file_editor"


def __getattr__(name: str) -> Any:
    """What opens files: imported when it is used, for start-up time."""
    if name in _FILES:
        return getattr(importlib.import_module(f"kerasish.files.{_FILES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
