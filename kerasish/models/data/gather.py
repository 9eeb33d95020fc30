"""Batches of rows.

Gathered into memory that is used again, and ahead of the training step where that is worth a thread.
"""

from __future__ import annotations

from functools import partial
from itertools import cycle
from typing import Any

from kerasish.models.data.parts import PartOfBatch
from kerasish.models.data.workers import prefetch
from kerasish.typing import IntOrInts

# Handing a batch from thread to thread takes some 50 microseconds; gathering a megabyte takes about 200, from a disk
# far more.
_BYTES_WORTH_A_THREAD = 1 << 20
_BYTES_WORTH_A_THREAD_FROM_DISK = 1 << 16
_AHEAD = 1


def gathered(
    rows: Any, pack: Any, places: Any, size: IntOrInts, shuffled: Any, reuse: Any, share_of: Any = None
) -> Any:
    """An iterator over the batches at `places`, each as `pack(columns)` makes it. Close it when it is left early.

    Large batches are made on a background thread, one ahead of the batch that is trained on: same numbers, same order.
    Rows that lie in memory in order are handed out as views, which cost nothing. What is returned refers to no data
    source, so that one which is forgotten in the middle of a pass takes its thread along.

    Args:
        rows: list of rows objects, one a column.
        pack: function from the list of a batch's columns to the batch.
        places: iterable of slices, or of index arrays where `shuffled`.
        size: length of the longest.
        reuse: whether a batch may be overwritten once the next is asked for; else each has memory of its own.
        share_of: function from the number of a batch's rows to the Share of this process, which makes a `PartOfBatch`
            of it then; None for whole batches.
    """
    share = None if share_of is None else share_of(size)
    size = size if share is None else share.own
    ahead = _worth_a_thread(rows, size, shuffled)
    readers = [_reader(column, shuffled, ahead) for column in rows]
    copied = [reuse and (shuffled or column.copies or ahead and column.slow) for column in rows]
    ring = [
        [column.buffer(size) if fill else None for column, fill in zip(rows, copied)] for _ in range(1 + _AHEAD * ahead)
    ]
    made = _made(readers, pack, places, ring) if share_of is None else _parts(readers, pack, places, ring, share_of)
    return prefetch(made, _AHEAD) if ahead else made


def _worth_a_thread(rows, size, shuffled):
    from_memory = from_disk = 0
    for column in rows:
        count = size * column.dtype.itemsize
        for width in column.shape[1:]:
            count *= width
        if column.slow:
            from_disk += count
        elif shuffled or column.copies:
            from_memory += count
    return from_memory + from_disk >= _BYTES_WORTH_A_THREAD or from_disk >= _BYTES_WORTH_A_THREAD_FROM_DISK


def _reader(column, shuffled, ahead):
    if shuffled:
        return column.take
    # A view of a mapped file is read from the disk where it is first touched, which would be in the step.
    return column.read if column.copies or ahead and column.slow else column.view


def _made(readers, pack, places, ring):
    for where, buffers in zip(places, cycle(ring)):
        yield pack([read(where, buffer) for read, buffer in zip(readers, buffers)])


def _parts(readers, pack, places, ring, share_of):
    for where, buffers in zip(places, cycle(ring)):
        total = where.stop - where.start if isinstance(where, slice) else len(where)
        share = share_of(total)
        part = PartOfBatch.made(partial(_rows, readers, pack, where, buffers), total, share)
        part._make = partial(_rows, readers, pack, where, [None] * len(readers))  # others may be in the ring by then
        yield part


def _rows(readers, pack, where, buffers, own):
    """Some rows of the batch at `where`; few batches have more than the ring was made for, and get their own memory."""
    mine = slice(where.start + own.start, where.start + own.stop) if isinstance(where, slice) else where[own]
    fitting = [None if buffer is None or len(buffer) < own.stop - own.start else buffer for buffer in buffers]
    return pack([read(mine, buffer) for read, buffer in zip(readers, fitting)])
