"""CRC-32C, the checksum of TensorFlow's files, at the speed of NumPy.

A checksum is linear over exclusive or: that of two halves is the first half's, moved on by the length of the second,
and the second half's. So many words are moved on at once, by two tables of 16 bits.

Reference:
    Koopman, 32-Bit Cyclic Redundancy Codes for Internet Applications (2002); RFC 3720, section 12.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np

_POLYNOMIAL = 0x82F63B78  # reversed: the lowest bit is the highest power
_LANES = 1 << 14  # words that are moved on together: 64 kilobytes, and the tables beside them stay in the cache
PIECE = 4 * _LANES
_SMALL = 64  # bytes up to which a loop is quicker


def masked(checksum: int) -> int:
    """A checksum as files keep it, turned and shifted, so that sums can be summed."""
    return ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF


def crc32c(data: bytes) -> int:
    """The checksum of bytes.

    Example:
        >>> from kerasish.files.tensorflow.crc32c import crc32c
        >>> hex(crc32c(b"123456789"))
        '0xe3069283'
    """
    view = memoryview(data)
    first = len(view) % PIECE
    starts = range(first, len(view), PIECE)
    return crc32c_of([view[:first], *(view[start : start + PIECE] for start in starts)], len(view))


def crc32c_of(pieces: Iterable[bytes], size: int) -> int:
    """The checksum of bytes that come in pieces.

    Args:
        pieces: the first of `size % PIECE` bytes (which may be none), all others of `PIECE`.
        size: int, the bytes of all together.
    """
    if size <= _SMALL:
        return _one_by_one(b"".join(pieces))
    lanes = min(_LANES, 1 << (-(-size // 4) - 1).bit_length())
    state, inverted = np.zeros(lanes, "<u4"), 0
    for piece in pieces:
        row = np.zeros(4 * lanes, "u1")  # zeros before the first byte change nothing
        start = 4 * lanes - len(piece)
        row[start:] = np.frombuffer(piece, "u1")
        if inverted < 4:  # the register begins as ones
            row[start : start + 4 - inverted] ^= 0xFF
            inverted += len(piece)
        state = _moved_on(state, lanes) ^ row.view("<u4")
    while lanes > 1:
        lanes //= 2
        state = _moved_on(state[:lanes], lanes) ^ state[lanes:]
    return int(_moved_on(state, 1)[0]) ^ 0xFFFFFFFF


def _one_by_one(data):
    register, table = 0xFFFFFFFF, _bytes_table()
    for byte in data:
        register = register >> 8 ^ table[(register ^ byte) & 0xFF]
    return register ^ 0xFFFFFFFF


@cache
def _bytes_table():
    table = []
    for register in range(256):
        for _ in range(8):
            register = register >> 1 ^ (_POLYNOMIAL if register & 1 else 0)
        table.append(register)
    return tuple(table)


def _moved_on(state, words):
    """Registers after that many words of zeros."""
    low, high = _tables(words)
    return np.take(low, state & 0xFFFF) ^ np.take(high, state >> 16)


@cache
def _tables(words):
    """What each lower and each upper half of a register becomes: by its bits, since a sum's is the sum of theirs."""
    images = [_image(1 << bit, words) for bit in range(32)]
    return _sums(images[:16]), _sums(images[16:])


def _sums(images):
    table = np.zeros(1, "<u4")
    for image in images:
        table = np.concatenate([table, table ^ np.uint32(image)])
    return table


def _image(register, words):
    """One register after a power of two of words: moved on by half of them, twice."""
    if words == 1:
        table = _bytes_table()
        for _ in range(4):
            register = register >> 8 ^ table[register & 0xFF]
        return register
    low, high = _tables(words // 2)
    once = int(low[register & 0xFFFF] ^ high[register >> 16])
    return int(low[once & 0xFFFF] ^ high[once >> 16])
