"""Memory that all ranks of a machine see. Every rank runs this; it ends with 0 where all holds."""

import random
import time

import numpy as np

from kerasish.backend import ranks
from kerasish.backend.ranks import common_memory
from kerasish.backend.ranks.common_memory import CommonMemory

world = ranks.start(timeout=60.0)
rank, size = world.rank, world.size


def of(rank, count, dtype):
    return np.random.default_rng(rank).normal(size=count).astype(dtype)


def meet():
    time.sleep(random.choice([0.0, 0.0, 0.002]))  # nobody is always first
    world.barrier()


def memories():
    """How many files of common memory are seen here."""
    with open("/proc/self/maps") as lines:
        return len({line.split()[4] for line in lines if "kerasish sums" in line})


assert memories() == 0  # none that nobody has asked for

# fewer numbers than ranks, numbers that no rank has a part of; each beside another, and more than there was before
small = CommonMemory.joined(rank, size, world.gather)
for turn, count in enumerate([1, 2, 3, 7, 1000, 16384, 16385, 100_000, 1, 70_001]):
    for dtype in ("float32", "float64"):
        begin = random.Random(turn).randrange(100) * 64
        meet()
        small.own(rank, begin, (count,), dtype)[...] = of(rank + 100 * turn, count, dtype)
        small.sum(begin, (count,), dtype, meet)
        total = of(100 * turn, count, dtype)
        for other in range(1, size):
            total += of(other + 100 * turn, count, dtype)
        np.testing.assert_array_equal(small.sums(begin, (count,), dtype), total)
        others = [small.own(other, begin, (count,), dtype) for other in range(size)]
        np.testing.assert_array_equal(others[-1], of(size - 1 + 100 * turn, count, dtype))
assert memories() == size + 1

# what is there stays where it was when more is asked for, also by others
kept = small.own(rank, 0, (100,), "float32")
meet()
kept[...] = rank
small.own((rank + 1) % size, 1 << 22, (1000,), "float64")
meet()
assert all((small.own(other, 0, (100,), "float32") == other).all() for other in range(size))
meet()
kept[...] = -1
assert (small.own(rank, 0, (100,), "float32") == -1).all()

# where the machine has no more memory, it is said, and what was there is there
meet()
try:
    small.own(rank, 1 << 62, (8,), "float32")
except MemoryError as error:
    assert "ranks of this machine share" in str(error), error
else:
    raise AssertionError("so much memory")
assert (small.own(rank, 0, (100,), "float32") == -1).all()

# where one of them has no such memory, or is not seen by another, nobody uses it
made, opened = common_memory._made, common_memory.File


def refused(*args):
    raise PermissionError


if rank == size - 1:
    common_memory._made = lambda: None
assert CommonMemory.joined(rank, size, world.gather) is None
common_memory._made = made
if rank == 0:
    common_memory.File = refused
assert CommonMemory.joined(rank, size, world.gather) is None
common_memory.File = opened
del small, kept, others
assert memories() == 0
assert world.common is not None
