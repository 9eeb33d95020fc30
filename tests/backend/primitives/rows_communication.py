"""Rows of primitives/communication.py, in a process that is alone; `tests/backend/ranks` has several."""

import numpy as np

from tests.backend.primitives.harness import Row, bools, integers, values


def _same(x, **attributes):
    return x


def _packed(*xs, turn):
    """Each begins at a line of 64 bytes."""
    return np.concatenate([np.pad(x.reshape(-1), (0, -x.size % (64 // x.itemsize))) for x in xs])


def _published(free, *xs, begin):
    return _packed(*xs, turn=0)


def _gathered(free, *xs, **attributes):
    return list(xs)


ROWS = [
    Row("all_reduce", values(2, 3), reference=_same),
    Row("all_reduce", values(3), op="max", reference=_same),
    Row("all_reduce", integers(2, 2), op="min", reference=_same),
    Row("all_reduce", bools(4), op="max", reference=_same),
    Row("all_reduce", values(), shares=(3,), reference=_same),
    Row("all_gather", values(2, 3), rows=(2,), rank=0, reference=_same),
    Row("all_gather", bools(4), rows=(4,), rank=0, reference=_same),
    Row("reduce_scatter", values(4, 2), rows=(4,), rank=0, reference=_same),
    # nobody waits, since nobody else is there
    Row("reduce_start", values(2, 3), values(), values(4), turn=0, reference=_packed),
    Row("reduce_start", values(16), values(3, 40), turn=3, reference=_packed),
    Row("reduce_wait", values(5), turn=1, reference=_same),
    Row("meet", reference=lambda: np.int32(0)),
    Row("publish", integers(), values(2, 3), values(), values(4), begin=64, reference=_published),
    Row("gathered", integers(), values(2, 3), integers(2), begin=0, rows=(2,), rank=0, reference=_gathered),
    Row("seen", values(5), begin=0, count=1, reference=lambda x, **attributes: [x]),
    Row("reduce_scatter", np.arange(3), rows=(3,), rank=0, reference=_same),
]
