"""Lists of JSON as arrays of an input."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import numpy as np

from kerasish.serving.heart.signature import TensorInfo, np_dtype
from kerasish.serving.refusals import BadRequest

_WHOLE = {"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"}


def array_of(values: Any, info: TensorInfo) -> Any:
    """The array of an input.

    Args:
        values: lists in lists of numbers, bools, text, or `{"b64": ...}`.
        info: TensorInfo.

    Raises:
        BadRequest: for ragged lists, for what is of another kind, and for numbers that the dtype does not hold.
    """
    if info.dtype == "string":
        return _texts(values, info)
    try:
        array = np.array(values)
    except ValueError as error:
        raise BadRequest(f"The input {info.name!r} takes lists of equal lengths, got ragged ones.") from error
    except OverflowError as error:
        raise BadRequest(f"The input {info.name!r} takes {info.dtype}, got an integer of more than 64 bits.") from error
    if array.dtype.kind not in "biuf":
        raise BadRequest(f"The input {info.name!r} takes {info.dtype}, got {_what(values)}.")
    return as_dtype(array, info)


def as_dtype(array: Any, info: TensorInfo) -> Any:
    """Numbers as JSON has them, in the dtype of an input. Raises BadRequest where they don't fit it."""
    kind = array.dtype.kind
    if info.dtype == "bool":
        if kind != "b":
            raise BadRequest(f"The input {info.name!r} takes bool, got numbers.")
        return array
    if kind == "b":
        raise BadRequest(f"The input {info.name!r} takes {info.dtype}, got bool.")
    if info.dtype in _WHOLE:
        if kind == "f" and array.size:
            raise BadRequest(f"The input {info.name!r} takes {info.dtype}, got numbers with a fraction.")
        limits = np.iinfo(info.dtype)
        if array.size and (array.min() < limits.min or array.max() > limits.max):
            raise BadRequest(f"The input {info.name!r} takes {info.dtype}, got a number beyond its range.")
        return array.astype(info.dtype)
    with np.errstate(over="ignore"):
        found = array.astype(np_dtype(info.dtype))
    if not np.isfinite(found).all():
        raise BadRequest(f"The input {info.name!r} takes {info.dtype}, got a number beyond its range.")
    return found


def _texts(values, info):
    def plain(value):
        if isinstance(value, list):
            return [plain(item) for item in value]
        if isinstance(value, dict) and set(value) == {"b64"}:
            return decoded(value, info.name).decode("utf-8")
        if isinstance(value, str):
            return value
        raise BadRequest(f"The input {info.name!r} takes text, got {_what(value)}.")

    try:
        return np.array(plain(values), dtype=np.str_)
    except UnicodeDecodeError as error:
        raise BadRequest(f"The input {info.name!r} takes text as UTF-8: {error}.") from error
    except ValueError as error:
        raise BadRequest(f"The input {info.name!r} takes lists of equal lengths, got ragged ones.") from error


def decoded(value: Any, name: str) -> bytes:
    """The bytes of `{"b64": ...}`. Raises BadRequest for what is no base64."""
    try:
        return base64.b64decode(value["b64"], validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise BadRequest(f"The input {name!r} has bytes that are no base64: {error}.") from error


def _what(values):
    while isinstance(values, list) and values:
        odd = [item for item in values if not isinstance(item, (int, float, list))]
        values = odd[0] if odd else values[0]
    if values is None:
        return "null"
    return {str: "text", dict: "an object", list: "an empty list"}.get(type(values), type(values).__name__)
