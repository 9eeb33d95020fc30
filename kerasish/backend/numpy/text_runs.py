"""Texts as one run of bytes of UTF-8, as native kernels read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

BETWEEN = b"\0"


def ended(texts: np.ndarray[Any, Any] | Sequence[str | bytes]) -> bytes:
    """UTF-8 of texts one after the other, `BETWEEN` behind each.

    Args:
        texts: array of NumPy's bytes, StringDType or objects, or a list.

    Raises:
        ValueError: for a text that holds that byte.
    """
    together, count = _together(texts)
    if count_of(together) != count:
        raise ValueError("A text holds the byte 0.")
    return together


def count_of(run: bytes) -> int:
    """How many texts a run holds."""
    return int(np.count_nonzero(np.frombuffer(run, np.uint8) == 0))


def with_starts(texts: np.ndarray[Any, Any] | Sequence[str | bytes]) -> tuple[Any, Any]:
    """UTF-8 of texts one after the other, a byte 0 behind each; where each begins, and the end."""
    together, count = _together(texts)
    run, starts = np.frombuffer(together, np.uint8), np.zeros(count + 1, np.int64)
    ends = np.flatnonzero(run == 0)
    if len(ends) == count:
        starts[1:] = ends
        starts[1:] += 1
    else:  # some are within texts
        items = texts.ravel().tolist() if isinstance(texts, np.ndarray) else texts
        sizes = [len(item.encode() if isinstance(item, str) else item) + 1 for item in items]
        np.cumsum(sizes, out=starts[1:])
    return run, starts


def _together(texts):
    """(the run, how many texts there are)."""
    if isinstance(texts, np.ndarray):
        if texts.dtype.kind == "S" and texts.size:
            return _rows_together(np.ascontiguousarray(texts).ravel()), texts.size
        texts = texts.ravel().tolist()
    if not texts:
        return b"", 0
    try:
        return "\0".join(texts).encode() + BETWEEN, len(texts)
    except TypeError:
        items = [text.encode() if isinstance(text, str) else text for text in texts]
        return BETWEEN.join(items) + BETWEEN, len(texts)


def _rows_together(rows):
    """The same of rows of bytes that end with zeros."""
    width = rows.dtype.itemsize
    with_end = np.zeros((len(rows), width + 1), np.uint8)
    with_end[:, :width] = rows.view(np.uint8).reshape(len(rows), width)
    return with_end[np.arange(width + 1) <= np.strings.str_len(rows)[:, None]].tobytes()
