"""Objects to configs, models to files, and back (`keras.saving`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasish.configs.registration import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.lazy import lazy

# what opens files stands above the models, which know this package
if TYPE_CHECKING:
    from kerasish.files.file_editor import KerasFileEditor
    from kerasish.files.saving_api import load_model, load_weights, model_from_json, save_model, save_weights
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "kerasish.files.file_editor": "KerasFileEditor",
            "kerasish.files.saving_api": "load_model load_weights model_from_json save_model save_weights",
        },
    )

__all__ = [
    "CustomObjectScope",
    "KerasFileEditor",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "model_from_json",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize_keras_object",
]
