"""Hashes of many texts by a native kernel, whatever holds them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerasish.backend.numpy import native
from kerasish.backend.numpy.native import source
from kerasish.backend.numpy.text_runs import with_starts

_RUN, _ROWS, _DIGITS = range(3)
_HALF = 1 << 63


def hashes(texts: np.ndarray | Sequence[str | bytes], key: Sequence[int] | None) -> np.ndarray:
    """FarmHash64's fingerprint of each text as uint64, or SipHash-2-4 under a key.

    Args:
        texts: array of NumPy's strings, of objects (str and bytes) or of ints, or a list of str and bytes.
        key: two ints of 64 bits, or None.
    """
    kind = texts.dtype.kind if isinstance(texts, np.ndarray) else "O"
    if kind == "U":
        rows = np.ascontiguousarray(texts, texts.dtype.newbyteorder("=")).ravel()
        width = rows.dtype.itemsize // 4
        return _run(_ROWS, rows, [width, 0], 4 * width + 64, len(rows), key)
    if kind in "iub":
        numbers = np.ascontiguousarray(texts, np.int64).ravel()
        return _run(_DIGITS, numbers, [0, 0], 64, len(numbers), key)
    together, starts = with_starts(texts)
    return _run(_RUN, together, [starts.ctypes.data, 1], 64, len(starts) - 1, key, starts)


def _run(form, texts, where, room, count, key, *held):
    out, scratch = np.empty(count, np.uint64), np.empty(room, np.uint8)
    halves = [0, 0] if key is None else [(half + _HALF) % (2 * _HALF) - _HALF for half in key]
    args = [texts.ctypes.data, *where, scratch.ctypes.data, out.ctypes.data, *halves]
    kernel = source.from_file("hashes", "hashes", FORM=form, KEYED=int(key is not None))
    native.NativeStep(native.address(kernel), args, [texts, out, scratch, *held], count)()
    return out
