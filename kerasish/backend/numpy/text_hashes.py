"""Hashes of many texts at once: FarmHash64's fingerprint, SipHash-2-4, and how fingerprints are crossed.

A native kernel goes from text to text. Without one, strings of one length are a matrix of bytes, and the hash is
computed on its columns of 64-bit words. Arithmetic on uint64 arrays wraps around, as the algorithms ask.

Reference:
    https://github.com/google/farmhash (`Fingerprint64`); J.-P. Aumasson and D. J. Bernstein, SipHash: a fast
    short-input PRF, 2012.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kerasish.backend.numpy import native
from kerasish.backend.numpy.text_hash_kernels import hashes

_K0, _K1, _K2 = map(np.uint64, (0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F))
CROSS_KEY = 0xDECAFCAFFE
_CROSS_FACTOR = np.uint64(0xC6A4A7935BD1E995)


def fingerprints(texts: np.ndarray[Any, Any] | Sequence[str | bytes]) -> np.ndarray[Any, Any]:
    """FarmHash64's fingerprint of each text, as a flat array of uint64.

    Args:
        texts: array of strings (NumPy's, or objects) or of ints, which are hashed as their decimal digits; or a list of
            str and bytes. Of str UTF-8 is hashed.
    """
    return hashes(texts, None) if native.enabled() else _by_length(_strings(texts), _fingerprint)


def keyed_hashes(texts: np.ndarray[Any, Any] | Sequence[str | bytes], key: Sequence[int]) -> np.ndarray[Any, Any]:
    """SipHash-2-4 of each text under a key of two integers of 64 bits, as a flat array of uint64.

    Args:
        texts: as in `fingerprints`.
        key: two ints.
    """
    if native.enabled():
        return hashes(texts, key)
    halves = [np.uint64(half & 0xFFFFFFFFFFFFFFFF) for half in key]
    return _by_length(_strings(texts), lambda rows: _siphash(rows, *halves))


def _strings(texts):
    """Texts as a list of bytes."""
    items = texts.ravel().tolist() if isinstance(texts, np.ndarray) else texts
    return [item if isinstance(item, bytes) else str(item).encode() for item in items]


def crossed(columns: Sequence[np.ndarray[Any, Any]], key: int = CROSS_KEY) -> np.ndarray[Any, Any]:
    """One hash for each row of several columns of fingerprints or integers.

    Args:
        columns: arrays of integers, all of one shape.
        key: int, what the chain of hashes begins with.
    """
    total = np.full(columns[0].shape, np.uint64(key & 0xFFFFFFFFFFFFFFFF))
    for column in columns:
        mixed = _shift_mix(column.astype(np.uint64) * _CROSS_FACTOR) * _CROSS_FACTOR
        total = ((total ^ _CROSS_FACTOR) ^ mixed) * _CROSS_FACTOR
        total = _shift_mix(_shift_mix(total) * _CROSS_FACTOR)
    return total


def _by_length(strings, hashed: Callable[[Any], Any]):
    """The hashes of strings, computed for all of one length together; `hashed` takes a matrix of bytes."""
    places: dict[int, list[int]] = {}
    for place, string in enumerate(strings):
        places.setdefault(len(string), []).append(place)
    out = np.empty(len(strings), np.uint64)
    for length, where in places.items():
        together = b"".join([strings[place] for place in where])
        out[where] = hashed(np.frombuffer(together, np.uint8).reshape(len(where), length))
    return out


def _fingerprint(rows):
    length = rows.shape[1]
    if length == 0:
        return np.full(len(rows), _K2)
    if length <= 16:
        return _up_to_16(rows, length)
    if length <= 32:
        return _up_to_32(rows, length)
    return _up_to_64(rows, length) if length <= 64 else _longer(rows, length)


def _word(rows, start):
    return rows[:, start : start + 8].copy().view("<u8")[:, 0]


def _half_word(rows, start):
    return rows[:, start : start + 4].copy().view("<u4")[:, 0].astype(np.uint64)


def _rotated(x, bits):
    return (x >> np.uint64(bits)) | (x << np.uint64(64 - bits))


def _shift_mix(x):
    return x ^ (x >> np.uint64(47))


def _mixed(u, v, factor):
    a = _shift_mix((u ^ v) * factor)
    return _shift_mix((v ^ a) * factor) * factor


def _factor(length):
    return np.uint64((int(_K2) + 2 * length) & 0xFFFFFFFFFFFFFFFF)


def _up_to_16(rows, length):
    factor = _factor(length)
    if length >= 8:
        a, b = _word(rows, 0) + _K2, _word(rows, length - 8)
        c, d = _rotated(b, 37) * factor + a, (_rotated(a, 25) + b) * factor
        return _mixed(c, d, factor)
    if length >= 4:
        return _mixed(np.uint64(length) + (_half_word(rows, 0) << np.uint64(3)), _half_word(rows, length - 4), factor)
    first, middle, last = (rows[:, at].astype(np.uint64) for at in (0, length >> 1, length - 1))
    y, z = first + (middle << np.uint64(8)), np.uint64(length) + (last << np.uint64(2))
    return _shift_mix(y * _K2 ^ z * _K0) * _K2


def _up_to_32(rows, length):
    factor = _factor(length)
    a, b = _word(rows, 0) * _K1, _word(rows, 8)
    c, d = _word(rows, length - 8) * factor, _word(rows, length - 16) * _K2
    return _mixed(_rotated(a + b, 43) + _rotated(c, 30) + d, a + _rotated(b + _K2, 18) + c, factor)


def _up_to_64(rows, length):
    factor = _factor(length)
    a, b = _word(rows, 0) * _K2, _word(rows, 8)
    c, d = _word(rows, length - 8) * factor, _word(rows, length - 16) * _K2
    y = _rotated(a + b, 43) + _rotated(c, 30) + d
    z = _mixed(y, a + _rotated(b + _K2, 18) + c, factor)
    e, f = _word(rows, 16) * factor, _word(rows, 24)
    g, h = (y + _word(rows, length - 32)) * factor, (z + _word(rows, length - 24)) * factor
    return _mixed(_rotated(e + f, 43) + _rotated(g, 30) + h, e + _rotated(f + a, 18) + g, factor)


def _weak(rows, start, a, b):
    w, x, y, z = (_word(rows, start + 8 * i) for i in range(4))
    a = a + w
    b = _rotated(b + a + z, 21)
    c = a
    a = a + x + y
    return a + z, b + _rotated(a, 44) + c


def _longer(rows, length):
    count = len(rows)
    x = np.full(count, np.uint64(81)) * _K2 + _word(rows, 0)
    y = np.full(count, np.uint64((81 * int(_K1) + 113) & 0xFFFFFFFFFFFFFFFF))
    z = _shift_mix(y * _K2 + np.uint64(113)) * _K2
    v = w = (np.zeros(count, np.uint64), np.zeros(count, np.uint64))
    last = length - 64
    for at in range(0, (length - 1) // 64 * 64, 64):
        x, y, z, v, w = _round(rows, at, x, y, z, v, w, _K1, np.uint64(1))
    factor = _K1 + ((z & np.uint64(0xFF)) << np.uint64(1))
    w = (w[0] + np.uint64((length - 1) & 63), w[1])
    v = (v[0] + w[0], v[1])
    w = (w[0] + v[0], w[1])
    x, y, z, v, w = _round(rows, last, x, y, z, v, w, factor, np.uint64(9))
    return _mixed(
        _mixed(v[0], w[0], factor) + _shift_mix(y) * _K0 + z,
        _mixed(v[1], w[1], factor) + x,
        factor,
    )


def _round(rows, at, x, y, z, v, w, factor, weight):
    """64 bytes more of a long string."""
    x = _rotated(x + y + v[0] + _word(rows, at + 8), 37) * factor
    y = _rotated(y + v[1] + _word(rows, at + 48), 42) * factor
    x = x ^ w[1] * weight
    y = y + v[0] * weight + _word(rows, at + 40)
    z = _rotated(z + w[0], 33) * factor
    v = _weak(rows, at, v[1] * factor, x + w[0])
    w = _weak(rows, at + 32, z + w[1], y + _word(rows, at + 16))
    return z, y, x, v, w


def _siphash(rows, low, high):
    length = rows.shape[1]
    words = np.zeros((len(rows), (length // 8 + 1) * 8), np.uint8)
    words[:, :length] = rows
    words[:, -1] = length & 0xFF
    v = [
        np.full(len(rows), half ^ np.uint64(constant))
        for half, constant in zip(
            (low, high, low, high),
            (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573),
        )
    ]
    for word in words.view("<u8").T:
        v[3] = v[3] ^ word
        _sip_rounds(v, 2)
        v[0] = v[0] ^ word
    v[2] = v[2] ^ np.uint64(0xFF)
    _sip_rounds(v, 4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def _sip_rounds(v, rounds):
    for _ in range(rounds):
        v[0] = v[0] + v[1]
        v[2] = v[2] + v[3]
        v[1] = _rotated(v[1], 51) ^ v[0]  # rotated to the left by 13
        v[3] = _rotated(v[3], 48) ^ v[2]
        v[0] = _rotated(v[0], 32) + v[3]
        v[2] = v[2] + v[1]
        v[1] = _rotated(v[1], 47) ^ v[2]
        v[3] = _rotated(v[3], 43) ^ v[0]
        v[2] = _rotated(v[2], 32)
