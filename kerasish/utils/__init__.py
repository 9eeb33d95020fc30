"""`keras.utils`: helpers for data, files, pictures and models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasish.backend.dtypes import standardize_dtype
from kerasish.backend.graph import is_keras_tensor
from kerasish.backend.session import clear_session
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
from kerasish.utils.batch import pack_x_y_sample_weight, unpack_x_y_sample_weight
from kerasish.utils.numerical import normalize, to_categorical
from kerasish.utils.py_dataset import PyDataset, Sequence
from kerasish.utils.random_seed import set_random_seed
from kerasish.utils.sequence import pad_sequences

# models import this package, and need none of these
if TYPE_CHECKING:
    from kerasish.config import (
        disable_interactive_logging,
        enable_interactive_logging,
        is_interactive_logging_enabled,
    )
    from kerasish.models.feature_space import FeatureSpace
    from kerasish.utils import bounding_boxes
    from kerasish.utils.archives import extract_archive
    from kerasish.utils.dataset.audio_folder import audio_dataset_from_directory
    from kerasish.utils.dataset.image_folder import image_dataset_from_directory
    from kerasish.utils.dataset.split import split_dataset
    from kerasish.utils.dataset.text_folder import text_dataset_from_directory
    from kerasish.utils.dataset.timeseries import timeseries_dataset_from_array
    from kerasish.utils.downloads import get_file
    from kerasish.utils.fingerprints import crossed_fingerprints, fingerprint64
    from kerasish.utils.image_io import array_to_img, img_to_array, load_img, save_img
    from kerasish.utils.model_plot import model_to_dot, plot_model
    from kerasish.utils.named_values import Config
    from kerasish.utils.progbar import Progbar
    from kerasish.utils.source_inputs import get_source_inputs
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "kerasish.config": (
                "disable_interactive_logging enable_interactive_logging is_interactive_logging_enabled"
            ),
            "kerasish.models.feature_space": "FeatureSpace",
            "kerasish.utils": "bounding_boxes",
            "kerasish.utils.archives": "extract_archive",
            "kerasish.utils.dataset.audio_folder": "audio_dataset_from_directory",
            "kerasish.utils.dataset.image_folder": "image_dataset_from_directory",
            "kerasish.utils.dataset.split": "split_dataset",
            "kerasish.utils.dataset.text_folder": "text_dataset_from_directory",
            "kerasish.utils.dataset.timeseries": "timeseries_dataset_from_array",
            "kerasish.utils.downloads": "get_file",
            "kerasish.utils.fingerprints": "crossed_fingerprints fingerprint64",
            "kerasish.utils.image_io": "array_to_img img_to_array load_img save_img",
            "kerasish.utils.model_plot": "model_to_dot plot_model",
            "kerasish.utils.named_values": "Config",
            "kerasish.utils.progbar": "Progbar",
            "kerasish.utils.source_inputs": "get_source_inputs",
        },
    )

__all__ = [
    "Config",
    "CustomObjectScope",
    "FeatureSpace",
    "Progbar",
    "PyDataset",
    "Sequence",
    "array_to_img",
    "audio_dataset_from_directory",
    "bounding_boxes",
    "clear_session",
    "crossed_fingerprints",
    "custom_object_scope",
    "deserialize_keras_object",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "extract_archive",
    "fingerprint64",
    "get_custom_objects",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "get_source_inputs",
    "image_dataset_from_directory",
    "img_to_array",
    "is_interactive_logging_enabled",
    "is_keras_tensor",
    "load_img",
    "model_to_dot",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "register_keras_serializable",
    "save_img",
    "serialize_keras_object",
    "set_random_seed",
    "split_dataset",
    "standardize_dtype",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
]
