"""`keras.utils`: helpers for data, files, pictures and models."""

from __future__ import annotations

import importlib
from typing import Any

from kerasish.backend.dtypes import standardize_dtype as standardize_dtype
from kerasish.backend.graph import is_keras_tensor as is_keras_tensor
from kerasish.backend.session import clear_session as clear_session
from kerasish.configs.registration import CustomObjectScope as CustomObjectScope
from kerasish.configs.registration import custom_object_scope as custom_object_scope
from kerasish.configs.registration import get_custom_objects as get_custom_objects
from kerasish.configs.registration import get_registered_name as get_registered_name
from kerasish.configs.registration import get_registered_object as get_registered_object
from kerasish.configs.registration import register_keras_serializable as register_keras_serializable
from kerasish.configs.serialization import deserialize_keras_object as deserialize_keras_object
from kerasish.configs.serialization import serialize_keras_object as serialize_keras_object
from kerasish.utils.batch import pack_x_y_sample_weight as pack_x_y_sample_weight
from kerasish.utils.batch import unpack_x_y_sample_weight as unpack_x_y_sample_weight
from kerasish.utils.numerical import normalize as normalize
from kerasish.utils.numerical import to_categorical as to_categorical
from kerasish.utils.py_dataset import PyDataset as PyDataset
from kerasish.utils.py_dataset import Sequence as Sequence
from kerasish.utils.random_seed import set_random_seed as set_random_seed
from kerasish.utils.sequence import pad_sequences as pad_sequences

__all__ = [
    "CustomObjectScope",
    "PyDataset",
    "Sequence",
    "clear_session",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "is_keras_tensor",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "register_keras_serializable",
    "serialize_keras_object",
    "set_random_seed",
    "standardize_dtype",
    "to_categorical",
    "unpack_x_y_sample_weight",
]

_HOMES = {  # imported when first asked for: models import this package, and need none of these
    "array_to_img": "image_io",
    "img_to_array": "image_io",
    "load_img": "image_io",
    "save_img": "image_io",
    "get_file": "downloads",
    "extract_archive": "archives",
    "Progbar": "progbar",
    "get_source_inputs": "source_inputs",
    "plot_model": "model_plot",
    "model_to_dot": "model_plot",
}
_SETTINGS = ("disable_interactive_logging", "enable_interactive_logging", "is_interactive_logging_enabled")


def __getattr__(name: str) -> Any:
    """What is not needed by every program is imported when it is first asked for."""
    if name in _SETTINGS:
        value = getattr(importlib.import_module("kerasish.config"), name)
    elif name in _HOMES:
        value = getattr(importlib.import_module(f"kerasish.utils.{_HOMES[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[Any]:
    return sorted({*globals(), *_HOMES, *_SETTINGS})
