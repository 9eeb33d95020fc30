"""A table from words to numbers in which a native kernel looks up all words of many texts at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.backend.numpy import native
from kerasish.backend.numpy.native import source
from kerasish.backend.numpy.text_runs import count_of

_FNV = (np.uint64(14695981039346656037), np.uint64(1099511628211))
_ORDINARY, _IDENTITY = bytes([2] * 256), bytes(range(256))


def worthwhile() -> bool:
    """Whether kernels are compiled here."""
    return native.enabled()


class WordTable:
    """Tokens and their numbers.

    Args:
        tokens: list of bytes of UTF-8, each once.
        numbers: ints.
    """

    def __init__(self, tokens: Sequence[bytes], numbers: Sequence[int]) -> None:
        lengths = np.array([len(token) for token in tokens], np.int64)
        self._starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        self._tokens = np.frombuffer(b"".join(tokens) + b"\0", np.uint8)
        self._numbers = np.array(numbers, np.int64)
        self._hashes = _hashes(self._tokens, self._starts, lengths)
        self._slots = np.zeros(1 << max(4, (2 * len(tokens)).bit_length()), np.int64)
        arrays = [self._slots, self._hashes]
        args = [self._slots.ctypes.data, len(self._slots) - 1, self._hashes.ctypes.data]
        native.NativeStep(native.address(source.from_file("words", "fill", **_FORM)), args, arrays, len(tokens))()

    def of_rows(self, rows: np.ndarray[Any, Any], unknown: int) -> np.ndarray[Any, Any]:
        """The number of each string of an array of NumPy's dtype `<U`."""
        rows = np.ascontiguousarray(rows).ravel()
        return self._run(rows, rows.dtype.itemsize // 4, len(rows), len(rows), (_ORDINARY, _IDENTITY), unknown, 0, 1, 1)

    def of_run(self, run: bytes, unknown: int) -> np.ndarray[Any, Any]:
        """The number of each of some texts as UTF-8, a byte 0 behind each."""
        count = count_of(run)
        return self._run(np.frombuffer(run, np.uint8), len(run), count, count, (_ORDINARY, _IDENTITY), unknown, 0, 0, 1)

    def words_of_rows(self, rows: Any, how: tuple[bytes, bytes], unknown: int, mark: int) -> np.ndarray[Any, Any]:
        """The numbers of the words of an array of NumPy's dtype `<U`, `mark` behind each text.

        Args:
            rows: array.
            how: 256 bytes that say of which kind each byte is (0: taken out, 1: between words, 2: of a word), and 256
                that they become.
            unknown, mark: ints.
        """
        rows = np.ascontiguousarray(rows).ravel()
        width = rows.dtype.itemsize // 4
        return self._run(rows, width, len(rows), len(rows) * (width // 2 + 2), how, unknown, mark, 1, 0)

    def words_of_run(self, run: bytes, how: tuple[bytes, bytes], unknown: int, mark: int) -> np.ndarray[Any, Any]:
        """The same of texts as UTF-8, a byte 0 behind each."""
        texts = np.frombuffer(run, np.uint8)
        count = count_of(run)
        return self._run(texts, len(run), count, len(run) // 2 + count + 1, how, unknown, mark, 0, 0)

    def _run(self, texts, size, count, room, how, unknown, mark, rows, whole):
        out, counted = np.empty(room, np.int64), np.zeros(1, np.int64)
        scratch = np.empty(4 * size + 1 if rows else size, np.uint8)
        kinds, becomes = (np.frombuffer(table, np.uint8) for table in how)
        held = [self._slots, self._hashes, self._tokens, self._starts, self._numbers, scratch, texts, kinds, becomes]
        places = [array.ctypes.data for array in held]
        args = [places[0], len(self._slots) - 1, *places[1:6], unknown, places[6], size, *places[7:9]]
        args += [out.ctypes.data, mark, counted.ctypes.data]
        kernel = source.from_file("words", "look_up", ROWS=rows, WHOLE=whole)
        native.NativeStep(native.address(kernel), args, [*held, out, counted], count)()
        return out[: counted[0]]


_FORM = {"ROWS": 0, "WHOLE": 0}


def _hashes(tokens, starts, lengths):
    """FNV-1a of each token, all tokens a byte at a time."""
    hashes = np.full(len(lengths), _FNV[0])
    for place in range(int(lengths.max(initial=0))):
        longer = np.flatnonzero(lengths > place)
        hashes[longer] = (hashes[longer] ^ tokens[starts[longer] + place].astype(np.uint64)) * _FNV[1]
    return hashes
