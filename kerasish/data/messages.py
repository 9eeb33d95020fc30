"""The messages `tf.train.Example` and `SequenceExample`, for the protobuf library.

Reference:
    tensorflow/core/example/example.proto and feature.proto.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from kerasish.data.extras import library

_BYTES, _FLOAT, _INT64, _MESSAGE = 12, 2, 3, 11  # field types as descriptor.proto numbers them
_MESSAGES = {
    # name: {field: (number, type or message, repeated)}
    "BytesList": {"value": (1, _BYTES, True)},
    "FloatList": {"value": (1, _FLOAT, True)},
    "Int64List": {"value": (1, _INT64, True)},
    "Feature": {
        "bytes_list": (1, "BytesList", False),
        "float_list": (2, "FloatList", False),
        "int64_list": (3, "Int64List", False),
    },
    "Features": {"feature": (1, "Features.FeatureEntry", True)},
    "FeatureList": {"feature": (1, "Feature", True)},
    "FeatureLists": {"feature_list": (1, "FeatureLists.FeatureListEntry", True)},
    "Example": {"features": (1, "Features", False)},
    "SequenceExample": {"context": (1, "Features", False), "feature_lists": (2, "FeatureLists", False)},
}  # fmt: skip
_MAPS = {"Features": ("FeatureEntry", "Feature"), "FeatureLists": ("FeatureListEntry", "FeatureList")}


@cache
def message_class(name: str) -> Any:
    """The class of a message of TensorFlow's examples.

    Args:
        name: "Example" or "SequenceExample".

    Raises:
        ImportError: where protobuf is not installed.
    """
    what = "An `Example`"
    descriptors = library("google.protobuf.descriptor_pb2", "protobuf", what)
    pool = _pool(descriptors, library("google.protobuf.descriptor_pool", "protobuf", what))
    factory = library("google.protobuf.message_factory", "protobuf", what)
    return factory.GetMessageClass(pool.FindMessageTypeByName(f"tensorflow.{name}"))


def _pool(descriptors, pools):
    """A pool of its own: TensorFlow, in the same process, has messages of these names in the common one."""
    file = descriptors.FileDescriptorProto(name="kerasish/example.proto", package="tensorflow", syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (number, kind, repeated) in fields.items():
            _add_field(message, field, number, kind, repeated)
        if name in _MAPS:
            entry, value = _MAPS[name]
            inner = message.nested_type.add(name=entry)
            inner.options.map_entry = True
            _add_field(inner, "key", 1, 9, False)
            _add_field(inner, "value", 2, value, False)
        if name == "Feature":
            message.oneof_decl.add(name="kind")
            for field in message.field:
                field.oneof_index = 0
    pool = pools.DescriptorPool()
    pool.Add(file)
    return pool


def _add_field(message, name, number, kind, repeated):
    field = message.field.add(name=name, number=number, label=3 if repeated else 1)
    if isinstance(kind, str):
        field.type, field.type_name = _MESSAGE, f".tensorflow.{kind}"
    else:
        field.type = kind
