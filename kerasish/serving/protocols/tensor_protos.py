"""TensorFlow's `TensorProto` to arrays and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.texts import is_text
from kerasish.serving.heart.signature import np_dtype
from kerasish.serving.protocols.schemas import message
from kerasish.serving.protocols.texts import decoded_texts, encoded_texts
from kerasish.serving.refusals import BadRequest

NUMBERS = {  # TensorFlow's DataType
    "float32": 1,
    "float64": 2,
    "int32": 3,
    "uint8": 4,
    "int16": 5,
    "int8": 6,
    "string": 7,
    "int64": 9,
    "bool": 10,
    "bfloat16": 14,
    "uint16": 17,
    "float16": 19,
    "uint32": 22,
    "uint64": 23,
}
NAMES = {
    "float32": "DT_FLOAT",
    "float64": "DT_DOUBLE",
    "float16": "DT_HALF",
    **{name: f"DT_{name.upper()}" for name in NUMBERS if not name.startswith("float")},
}
_DTYPES = {number: name for name, number in NUMBERS.items()}
_FIELDS = {
    "float32": "float_val",
    "float64": "double_val",
    "string": "string_val",
    "int64": "int64_val",
    "bool": "bool_val",
    "uint32": "uint32_val",
    "uint64": "uint64_val",
    "float16": "half_val",
    "bfloat16": "half_val",
}  # all others: int_val


def from_proto(name: str, proto: Any) -> Any:
    """The array in a TensorProto.

    Args:
        name: string, of the input.
        proto: TensorProto.

    Raises:
        BadRequest: for an unknown dtype, and for a number of values that does not fit the shape.
    """
    dtype = _DTYPES.get(proto.dtype)
    if dtype is None:
        raise BadRequest(f"The input {name!r} has a dtype (number {proto.dtype}) that is not known here.")
    shape = [dim.size for dim in proto.tensor_shape.dim]
    if any(size < 0 for size in shape):
        raise BadRequest(f"The input {name!r} has a negative size in its shape {shape}.")
    count = int(np.prod(shape, dtype=object))
    if dtype == "string":
        return _shaped(name, decoded_texts(name, list(proto.string_val)), shape, count)
    if proto.tensor_content:
        item = np_dtype(dtype).itemsize
        if len(proto.tensor_content) != count * item:
            raise BadRequest(
                f"The input {name!r} of shape {shape} takes {count * item} bytes, got {len(proto.tensor_content)}."
            )
        return np.frombuffer(proto.tensor_content, np_dtype(dtype)).reshape(shape)
    values = getattr(proto, _FIELDS.get(dtype, "int_val"))
    if _FIELDS.get(dtype) == "half_val":
        return _shaped(name, np.array(values, np.uint16).view(np_dtype(dtype)), shape, count)
    return _shaped(name, np.array(values, np_dtype(dtype)), shape, count)


def _shaped(name, values, shape, count):
    if len(values) == 1 and count > 1 and count <= 1 << 20:  # TensorFlow's way to say that all are alike
        values = np.repeat(values, count)
    if len(values) != count:
        raise BadRequest(f"The input {name!r} of shape {shape} takes {count} values, got {len(values)}.")
    return values.reshape(shape)


def to_proto(array: Any) -> Any:
    """A TensorProto of an array."""
    proto = message("tensorflow.TensorProto")()
    for size in array.shape:
        proto.tensor_shape.dim.add(size=size)
    if is_text(array):
        proto.dtype = NUMBERS["string"]
        proto.string_val.extend(encoded_texts(array))
    else:
        proto.dtype = NUMBERS[array.dtype.name]
        proto.tensor_content = np.ascontiguousarray(array).tobytes()
    return proto
