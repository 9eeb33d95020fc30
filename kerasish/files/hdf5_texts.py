"""How long the texts in HDF5 attributes say that they are, read from the bytes of the file itself.

HDF5 takes the memory for a text of any length before it looks whether the text is there: four bytes of a damaged file
would cost four gigabytes. So what they say is compared with the file before HDF5 is asked. The layout is that of the
HDF5 file format specification, "Data Object Headers".
"""

from __future__ import annotations

import struct
from typing import Any

_ATTRIBUTE, _CONTINUATION, _ATTRIBUTE_INFO = 0x0C, 0x10, 0x15  # kinds of messages in the header of an object
_SEQUENCE = 9  # class of the datatype of a text of any length
_NOWHERE = 2**64 - 1
_ELEMENT = 16  # bytes of one text: its length, and where in the file's heap it lies
_BLOCKS = 1000


def claimed_lengths(read: Any, address: Any) -> Any:
    """[name, [lengths]] of every attribute of the object at `address` that holds texts of any length.

    Args:
        read: function (place, size) -> bytes, which gives less at the end of the file.
        address: of the object's header, as links have it.

    Raises:
        ValueError: for headers of a kind that no Keras writes, and damaged ones.
    """
    found, heaps = [], set()
    for kind, flags, body in _messages(read, address):
        if kind == _ATTRIBUTE_INFO and body[-16:-8] != struct.pack("<Q", _NOWHERE) and len(body) >= 18:
            raise ValueError("its attributes are kept in a heap")
        if kind == _ATTRIBUTE:
            if flags & 2:
                raise ValueError("an attribute of it is shared with others")
            for name, data in _texts(body):
                elements = [struct.unpack_from("<IQ", data, at) for at in range(0, len(data) - _ELEMENT + 1, _ELEMENT)]
                found.append((name, [length for length, _ in elements]))
                heaps.update(heap for _, heap in elements)
    for heap in heaps - {0, _NOWHERE}:
        _check_heap(read, heap)
    return found


def _check_heap(read, address):
    """Go through a heap of texts as HDF5 does, which never comes to an end where something takes no room."""
    head = read(address, 16)
    if head[:4] != b"GCOL":
        raise ValueError("its texts are not where it says")
    data = read(address, struct.unpack_from("<Q", head, 8)[0])
    place = 16
    while place + 16 <= len(data):
        index, size = struct.unpack_from("<H6xQ", data, place)
        room = 16 + -(-size // 8) * 8 if index else size  # that which is free counts its own header
        if not 16 <= room <= len(data) - place:
            raise ValueError("the heap of its texts is damaged")
        place += room


def _texts(body):
    version, shared, name_size, type_size, space_size = struct.unpack_from("<BBHHH", body)
    if version not in (1, 2, 3) or version > 1 and shared & 3:
        raise ValueError("an attribute of it has a type that is kept elsewhere")
    padded = (lambda size: -(-size // 8) * 8) if version == 1 else (lambda size: size)
    place = 9 if version == 3 else 8
    name = body[place : place + name_size].rstrip(b"\0").decode("utf-8", "replace")
    place += padded(name_size)
    is_text = type_size > 0 and body[place] & 15 == _SEQUENCE
    data = body[place + padded(type_size) + padded(space_size) :]
    if is_text:
        yield name, data


def _messages(read, address):
    """(kind, flags, body) of the messages in an object's header, of both versions that there are."""
    head = read(address, 24)
    if head[:4] == b"OHDR":
        yield from _messages_2(read, address)
        return
    if len(head) < 16 or head[0] != 1:
        raise ValueError("its header is of an unknown version")
    blocks = [(address + 16, struct.unpack_from("<I", head, 8)[0])]
    for index, (start, size) in enumerate(blocks):
        _check_blocks(index)
        block, place = read(start, size), 0
        while place + 8 <= len(block):
            kind, length, flags = struct.unpack_from("<HHB", block, place)
            body = block[place + 8 : place + 8 + length]
            place += 8 + length
            if kind == _CONTINUATION:
                blocks.append(struct.unpack_from("<QQ", body))
            yield kind, flags, body


def _messages_2(read, address):
    flags = read(address + 5, 1)[0]
    start = address + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
    width = 1 << (flags & 3)
    head = 6 if flags & 4 else 4
    blocks = [(start + width, int.from_bytes(read(start, width), "little"))]
    for index, (begin, size) in enumerate(blocks):
        _check_blocks(index)
        block, place = read(begin, size), 0
        while place + head <= len(block):
            kind, length, message_flags = struct.unpack_from("<BHB", block, place)
            body = block[place + head : place + head + length]
            place += head + length
            if kind == _CONTINUATION:
                offset, whole = struct.unpack_from("<QQ", body)
                blocks.append((offset + 4, whole - 8))  # without the signature and the checksum
            yield kind, message_flags, body


def _check_blocks(index):
    if index > _BLOCKS:
        raise ValueError("its header has no end")
