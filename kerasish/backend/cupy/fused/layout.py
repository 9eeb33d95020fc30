"""Who does what: how many threads share a row, how many rows a block has, and how sums over rows are cut.

All of it follows from the shapes, and nothing from the card, so that the bits are the same on every card.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kerasish.backend.float_formats import HALVES
from kerasish.backend.fused.plan import LoopPlan
from kerasish.backend.primitives.group import ROW

_VECTOR = 16  # bytes that a thread reads at once
_THREADS = 256
_MOST_IN_REGISTERS = 4  # vectors of a row that a thread holds
_SUMMED_AT_LEAST, _SUMMED_AT_MOST = 16, 1024  # rows that one thread adds up in float32
_BLOCKS = 1024  # enough for every card to be busy
_SIZES = {"float64": 8, "int64": 8, "uint64": 8, "bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2}


@dataclass(frozen=True)
class Layout:
    """The layout of one kernel.

    Attributes:
        threads: of a block. across: of them, how many share a row. vector: points that a thread does at once.
        each: vectors of a row that a thread does, known when the kernel is printed; 0 where it is not.
        tiles: parts of the columns. strips: parts of the rows that are added up. chunk: rows (points, of a flat walk)
            of a part. places: how many sums over rows there are beside one another.
    """

    threads: int
    across: int
    vector: int
    each: int
    tiles: int
    strips: int
    chunk: int
    places: int

    @property
    def at_once(self) -> int:
        """Rows that a block does at a time."""
        return self.threads // self.across

    def printed(self) -> tuple[int, int, int, int]:
        """What of it stands in the kernel's text."""
        return self.threads, self.across, self.vector, self.each


def layout(plan: LoopPlan, walk: Any, aligned: dict[Any, int]) -> Layout:
    """The layout for a walk. `aligned`: dict from an operand to the bytes that its address is a multiple of."""
    group = plan.group
    vector = _vector(walk, aligned)
    sums = plan.terminals()
    if walk.flat:
        points = _ceil(walk.points, _THREADS * vector)  # in blocks of one turn
        if not sums:
            return Layout(_THREADS, _THREADS, vector, 1, 1, 1, walk.points, 1)
        strips = max(1, min(_BLOCKS, _ceil(points, 8)), _ceil(points * vector, _SUMMED_AT_MOST))
        chunk = _ceil(points, strips) * _THREADS * vector
        return Layout(_THREADS, _THREADS, vector, 0, 1, _ceil(walk.points, chunk), chunk, 1)
    per_row = _ceil(walk.columns, vector)
    by_column = any(not plan.is_total(node) for node in sums)
    has_rows = ROW in group.kinds.values()
    if has_rows:
        across = _power(per_row) if per_row <= 128 else None
        threads = 128 if across else min(1024, _power(_ceil(per_row, 4), least=128))
        across = min(across, 32) if across else threads
        each = _ceil(per_row, across)
        if each > _MOST_IN_REGISTERS and not by_column:
            each = 0
        tiles = 1
    else:
        threads, across, each = _THREADS, min(32, _power(per_row)), 1
        tiles = _ceil(per_row, across)
    if not sums:
        return Layout(threads, across, vector, each, tiles, 1, walk.rows, 1)
    places = 1
    for n in group.space[: group.period or 0]:
        places *= n
    together, at_once = walk.rows // places, threads // across
    strips = min(max(1, _BLOCKS // (places * tiles)), _ceil(together, at_once * _SUMMED_AT_LEAST))
    strips = max(1, strips, _ceil(together, at_once * _SUMMED_AT_MOST))
    chunk = _ceil(_ceil(together, strips), at_once) * at_once
    return Layout(threads, across, vector, each, tiles, _ceil(together, chunk), chunk, places)


def itemsize(dtype: str) -> int:
    """Bytes of a number in memory."""
    return 2 if dtype in HALVES else _SIZES.get(dtype, 4)


def _vector(walk, aligned):
    """How many points of a row lie side by side in every operand, as far as 16 bytes hold them."""
    moving = [(key, outer, inner) for key, (outer, inner) in walk.strides.items() if any(inner) and key[1] != ROW]
    if not walk.inner or not moving:
        return 1
    widest = max(itemsize(key[0].dtype) for key, _, _ in moving)
    vector = max(1, min(8, _VECTOR // widest))
    while vector > 1 and not _fits(walk, aligned, moving, vector):
        vector //= 2
    return vector


def _fits(walk, aligned, moving, vector):
    tail = walk.flat and len(walk.inner) == 1  # which a kernel does point by point
    if walk.inner[-1] % vector and not tail:
        return False
    for key, outer, inner in moving:
        if inner[-1] not in (0, 1) or any(s % vector for s in (*outer, *inner[:-1])):
            return False
        if inner[-1] == 1 and aligned[key] % (vector * itemsize(key[0].dtype)):
            return False
    return True


def _ceil(x, y):
    return -(-x // y)


def _power(n, least=1):
    """The smallest power of two that is not smaller."""
    while least < n:
        least *= 2
    return least
