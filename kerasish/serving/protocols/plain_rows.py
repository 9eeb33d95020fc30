"""The quick road for the request that is asked most: `{"instances": [[...], ...]}` of numbers for one input.

Reading nested lists makes a Python list for each bracket. Here the brackets are compared with those that the input's
shape has, as text, and what is left is one flat list of numbers. Whatever is not exactly of that form takes the long
road, which says what is wrong with it; so this one is never wrong, and never has to explain anything.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from kerasish.serving.heart.signature import Signature
from kerasish.serving.protocols.json_text import loads
from kerasish.serving.refusals import BadRequest

_HEAD = re.compile(rb'\s*\{\s*"(instances|inputs)"\s*:\s*(?=\[)')
_OF_NUMBERS = b"0123456789.eE+- \n\t\r"
_AS_SPACES = bytes.maketrans(b"[]", b"  ")  # "1[2" must not become a number
_MOST = 1 << 20  # numbers


def plain_rows(body: bytes, signature: Signature) -> tuple[Any, bool] | None:
    """(array, whether the rows came as `instances`) of such a body; None for any other.

    Args:
        body: bytes. signature: Signature.
    """
    info = signature.inputs[0]
    if len(signature.inputs) > 1 or info.dtype != "float32" or None in info.shape[1:]:
        return None
    head, end = _HEAD.match(body), body.rfind(b"}")
    if head is None or end < 0 or body[end + 1 :].strip():
        return None
    text = body[head.end() : end]
    row = _brackets(info.shape[1:])
    brackets = text.translate(None, _OF_NUMBERS)
    rows, rest = divmod(len(brackets) - 1, len(row) + 1)
    count = rows * math.prod(info.shape[1:])
    if rest or not 0 < count <= _MOST or brackets != b"[" + b",".join([row] * rows) + b"]":
        return None
    try:
        packed = _packer(count)(*loads(b"[" + text.translate(_AS_SPACES) + b"]"))
    except (BadRequest, struct.error, OverflowError):
        return None
    return np.frombuffer(packed, np.float32).reshape(rows, *info.shape[1:]), head[1] == b"instances"


@lru_cache(256)
def _brackets(shape: Sequence[int]) -> bytes:
    """What is left of an array's JSON without its numbers."""
    return b"" if not shape else b"[" + b",".join([_brackets(shape[1:])] * shape[0]) + b"]"


@lru_cache(256)
def _packer(count: int) -> Any:
    return struct.Struct(f"={count}f").pack
