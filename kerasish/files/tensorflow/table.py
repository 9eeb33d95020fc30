"""The sorted table of keys and values in which a tensor bundle keeps its index: blocks, each with a checksum.

Reference:
    [LevelDB's table format](https://github.com/google/leveldb/blob/main/doc/table_format.md), which TensorFlow took
    over (`tensorflow/core/lib/io/format.h`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from kerasish.configs.limits import LIMITS
from kerasish.files.tensorflow.crc32c import crc32c, masked
from kerasish.files.tensorflow.snappy import unpacked
from kerasish.files.tensorflow.wire import varint

_FOOTER, _TRAILER = 48, 5
MAGIC = 0xDB4775248B80FB57.to_bytes(8, "little")
_PLAIN, _SNAPPY = 0, 1


def entries(data: bytes, what: str) -> Iterator[tuple[bytes, bytes]]:
    """(key, value) of a whole table, in the order of the keys.

    Args:
        data: bytes of the file.
        what: what errors call it.

    Raises:
        ValueError: that names `what`, for one that is damaged.
    """
    try:
        yield from _entries(data)
    except (ValueError, struct.error) as error:
        raise ValueError(f"{what} is damaged: {error}.") from None


def _entries(data):
    if len(data) < _FOOTER or data[-len(MAGIC) :] != MAGIC:
        raise ValueError("it does not end as an index of TensorFlow's does, or it is cut off")
    _, place = varint(data, len(data) - _FOOTER, len(data))
    _, place = varint(data, place, len(data))
    size_of_keys, count, last = 0, 0, b""
    end = 0
    for _, handle in _block_entries(_block(data, *_handle(data, place))):
        offset, size = _handle(handle, 0)
        if offset < end:  # blocks that are named twice would hold more than the file
            raise ValueError("its blocks overlap")
        end = offset + size
        for key, value in _block_entries(_block(data, offset, size)):
            size_of_keys, count = size_of_keys + len(key), count + 1
            if size_of_keys > LIMITS.text or count > LIMITS.objects:
                raise ValueError(f"it has more than {LIMITS.objects} keys, or {LIMITS.text} bytes of them")
            if count > 1 and key <= last:
                raise ValueError("its keys are not in order")
            last = key
            yield key, value


def _handle(data, place):
    offset, place = varint(data, place, len(data))
    size, _ = varint(data, place, len(data))
    return offset, size


def _block(data, offset, size):
    if offset + size + _TRAILER > len(data):
        raise ValueError("a block is longer than the file")
    content, kind = data[offset : offset + size], data[offset + size]
    kept = struct.unpack_from("<I", data, offset + size + 1)[0]
    if masked(crc32c(data[offset : offset + size + 1])) != kept:
        raise ValueError("the checksum of a block is wrong")
    if kind not in (_PLAIN, _SNAPPY):
        raise ValueError(f"a block is packed in a way that is not known ({kind})")
    return unpacked(content) if kind == _SNAPPY else content


def _block_entries(block):
    """(key, value) of a block: a key says how many bytes it shares with the one before."""
    if len(block) < 4:
        raise ValueError("a block is cut off")
    restarts = struct.unpack_from("<I", block, len(block) - 4)[0]
    place, end, key = 0, len(block) - 4 - 4 * restarts, b""
    if end < 0:
        raise ValueError("a block is cut off")
    while place < end:
        shared, place = varint(block, place, end)
        fresh, place = varint(block, place, end)
        length, place = varint(block, place, end)
        if shared > len(key) or fresh + length > end - place:
            raise ValueError("an entry is longer than its block")
        key = key[:shared] + block[place : place + fresh]
        place += fresh
        yield key, block[place : place + length]
        place += length
