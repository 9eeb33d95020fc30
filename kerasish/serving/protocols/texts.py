"""Text between bytes and arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.serving.refusals import BadRequest


def decoded_texts(name: str, values: Sequence[bytes]) -> Any:
    """A flat array of text. Raises BadRequest for bytes that are no UTF-8."""
    try:
        return np.array([value.decode("utf-8") for value in values], dtype=np.str_)
    except UnicodeDecodeError as error:
        raise BadRequest(f"The input {name!r} takes text as UTF-8: {error}.") from error


def encoded_texts(array: Any) -> list[bytes]:
    """The flat list of bytes of an array of text."""
    return [value if isinstance(value, bytes) else str(value).encode() for value in array.ravel().tolist()]
