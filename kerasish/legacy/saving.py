"""Objects as dicts of class name and config, as Keras 2 wrote them (`keras.legacy.saving`)."""

from kerasish.compat.private.legacy import deserialize_keras_object, serialize_keras_object

__all__ = [
    "deserialize_keras_object",
    "serialize_keras_object",
]
