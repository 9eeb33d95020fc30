"""Blocks packed by Snappy.

Reference:
    [Snappy's format](https://github.com/google/snappy/blob/main/format_description.txt).
"""

from __future__ import annotations

from kerasish.files.tensorflow.wire import varint

_MOST = 64  # bytes that one packed byte can stand for, generously


def unpacked(data: bytes) -> bytes:
    """The bytes of a packed block.

    Raises:
        ValueError: for a damaged one, or one that declares more than it can hold; no memory was taken then.
    """
    size, place = varint(data, 0, len(data))
    if size > _MOST * len(data):
        raise ValueError(f"a packed block declares {size} bytes, which its {len(data)} can't stand for")
    made = bytearray()
    while place < len(data):
        tag = data[place]
        place += 1
        if tag & 3 == 0:
            length, place = _literal_length(data, tag, place)
            if length > len(data) - place:
                raise ValueError("a packed block is cut off")
            made += data[place : place + length]
            place += length
        else:
            length, offset, place = _copy(data, tag, place)
            if not 0 < offset <= len(made):
                raise ValueError("a packed block copies from before its beginning")
            start = len(made) - offset
            pattern = bytes(made[start : start + length])
            made += (pattern * (length // len(pattern) + 1))[:length]  # a copy may overlap itself
        if len(made) > size:
            break
    if len(made) != size:
        raise ValueError(f"a packed block declares {size} bytes, but holds others")
    return bytes(made)


def _literal_length(data, tag, place):
    length = tag >> 2
    if length < 60:
        return length + 1, place
    extra = length - 59
    return int.from_bytes(_bytes(data, place, extra), "little") + 1, place + extra


def _copy(data, tag, place):
    kind = tag & 3
    if kind == 1:
        return (tag >> 2 & 7) + 4, tag >> 5 << 8 | _bytes(data, place, 1)[0], place + 1
    extra = 2 if kind == 2 else 4
    return (tag >> 2) + 1, int.from_bytes(_bytes(data, place, extra), "little"), place + extra


def _bytes(data, place, count):
    if count > len(data) - place:
        raise ValueError("a packed block is cut off")
    return data[place : place + count]
