"""The read-only data of a library: what its functions need to know of each signature, and the weights.

The driver, `native/kernels/library.kernel`, reads this; the places are named there once more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.backend.numpy.library.drawing import Drawing, Place

HEADER = 8  # words: signatures, most workers, bytes of weights, two words that tell these weights from others
SIGNATURE = 16  # words of a signature; its tensors follow
TENSOR = 16  # words of a tensor: offset, bytes, elements, dtype, rank, sizes
MOST_AXES = TENSOR - 5
DTYPES = (
    "float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
    "uint64", "bool",
)  # fmt: skip
_LINE = 64


class Weights:
    """The arrays that never change, each of them once."""

    def __init__(self) -> None:
        self.pieces: list[np.ndarray[Any, Any]] = []
        self.size = 0
        self._known: dict[bytes, int] = {}

    def place(self, memory: np.ndarray[Any, Any]) -> int:
        """Where some bytes lie."""
        digest = hashlib.sha256(memory).digest()
        if digest not in self._known:
            self._known[digest] = self.size
            self.pieces.append(memory)
            self.size += len(memory)  # a multiple of 64
        return self._known[digest]

    def digest(self) -> tuple[int, int]:
        """Two numbers that tell these weights from others."""
        whole = hashlib.sha256(b"".join(self._known)).digest()
        return int.from_bytes(whole[:8], "little", signed=True), int.from_bytes(whole[8:16], "little", signed=True)


def image_of(drawings: Sequence[Drawing], weights: Weights) -> list[Any]:
    """The pieces of the image of a library with these signatures; `weights` gets their arrays."""
    parts: list[Any] = []
    records = [_record(drawing) for drawing in drawings]
    at = 8 * (HEADER + len(records) + sum(map(len, records)))
    firsts, first = [], HEADER + len(records)
    for drawing, record in zip(drawings, records):
        words = drawing.words.copy()
        for places, memory in drawing.weights:
            words[places] += weights.place(memory)
        moved = np.array([place * 4 + kind for place, kind in drawing.moved], np.int64)
        for slot, piece in ((2, words), (3, moved), (5, np.frombuffer(drawing.initial, np.uint8))):
            record[slot] = at
            parts.append(piece)
            rest = -piece.nbytes % _LINE
            parts.append(bytes(rest))
            at += piece.nbytes + rest
        firsts.append(first)
        first += len(record)
    workers = max(drawing.workers for drawing in drawings)
    header = [len(records), workers, weights.size, *weights.digest()]
    header += [0] * (HEADER - len(header))
    head = np.array([*header, *firsts, *(word for record in records for word in record)], np.int64)
    return [head, *parts]


def _record(drawing):
    words, moved = len(drawing.words), len(drawing.moved)
    own = [
        drawing.workspace, words, 0, 0, moved, 0, len(drawing.initial), drawing.table, drawing.rows, drawing.workers,
        drawing.complaint, len(drawing.inputs), len(drawing.outputs),
    ]  # fmt: skip
    own += [0] * (SIGNATURE - len(own))
    for place in (*drawing.inputs, *drawing.outputs):
        own += _tensor(place)
    return own


def _tensor(place: Place) -> list[int]:
    if len(place.shape) > MOST_AXES:
        raise ValueError(f"A library takes and gives arrays of at most {MOST_AXES} axes, got shape {place.shape}.")
    if place.dtype not in DTYPES:
        raise ValueError(f"A library takes and gives arrays of {', '.join(DTYPES)}, got {place.dtype}.")
    elements = int(np.prod(place.shape, dtype=np.int64))
    own = [place.offset, place.bytes, elements, DTYPES.index(place.dtype), len(place.shape), *place.shape]
    return own + [0] * (TENSOR - len(own))
