"""Parts of a variable that was kept in several: where they lie in it, and under which keys.

Reference:
    tensorflow/core/framework/tensor_slice.proto; tensorflow/core/lib/strings/ordered_code.cc and
    tensorflow/core/util/saved_tensor_slice_util.cc for the keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import prod

from kerasish.files.tensorflow.wire import Message, signed

MOST = 1000  # parts of one variable
_FULL = -1
Extents = tuple[tuple[int, int], ...]  # (start, length) along each axis; a length of -1 is the whole axis


def extents_of(message: Message, shape: tuple[int, ...], what: str) -> Extents:
    """The extents of a part, checked to lie in `shape`. Raises ValueError that names `what`."""
    found = tuple((signed(e.number(1)), signed(e.number(2)) if 2 in e else _FULL) for e in message.messages(1))
    inside = len(found) == len(shape) and all(
        (start, length) == (0, _FULL) or 0 <= start and 0 <= length and start + length <= size
        for (start, length), size in zip(found, shape)
    )
    if not inside:
        raise ValueError(f"{what} is damaged: its part {found} does not lie in an array of shape {shape}.")
    return found


def shape_of(extents: Extents, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a part."""
    return tuple(size if length == _FULL else length for (_, length), size in zip(extents, shape))


def place_of(extents: Extents) -> tuple[slice, ...]:
    """Where a part lies, for indexing."""
    return tuple(slice(None) if length == _FULL else slice(start, start + length) for start, length in extents)


def check_cover(parts: Sequence[Extents], shape: tuple[int, ...], what: str) -> None:
    """Raise a ValueError that names `what` unless every number of an array is in exactly one part."""
    boxes = [
        [(start, start + length) for (start, _), length in zip(part, shape_of(part, shape))]
        for part in parts
        if prod(shape_of(part, shape))
    ]
    apart = all(
        any(end <= begin or finish <= start for (start, end), (begin, finish) in zip(one, other))
        for one, other in combinations(boxes, 2)
    )
    if not apart or sum(prod(end - start for start, end in box) for box in boxes) != prod(shape):
        raise ValueError(f"{what} is damaged: its parts are not the whole of it.")


def key_of(name: bytes, extents: Extents) -> bytes:
    """The key of a part, by which all parts of a variable stand together in the order of their places."""
    key = _unsigned(0) + _text(name) + _unsigned(len(extents))
    return key + b"".join(_signed(start) + _signed(length) for start, length in extents)


def _unsigned(number):
    digits = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return bytes([len(digits)]) + digits


def _text(text):
    escapes = {0: b"\x00\xff", 255: b"\xff\x00"}
    return b"".join(escapes.get(byte, bytes([byte])) for byte in text) + b"\x00\x01"


def _signed(number):
    """A number whose bytes sort as it does: as many ones in front as it has bytes, turned round below zero."""
    magnitude = ~number if number < 0 else number
    length = magnitude.bit_length() // 7 + 1
    bits = 7 * length
    head = ((1 << length) - 1) << bits  # in `8 * length` bits: `length` ones, a zero, and the number
    return (head ^ (number & (1 << 8 * length) - 1)).to_bytes(length, "big")
