"""Objects to configs, models to files, and back (`keras.saving`)."""

from kerasish.saving.registration import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


def __getattr__(name):
    """Files know layers, and layers know this package: what opens files is imported when it is used."""
    if name in ("save_model", "load_model", "save_weights", "load_weights", "model_from_json"):
        from kerasish.saving import saving_api

        return getattr(saving_api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
