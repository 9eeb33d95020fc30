"""Sums in memory that all ranks of a machine see. Every rank runs this; it ends with 0 where all holds."""

import os
import random
import time

import numpy as np

from kerasish.backend import ranks
from kerasish.backend.ranks import shared_sums
from kerasish.backend.ranks.shared_sums import SharedSums

world = ranks.start(timeout=60.0)
rank, size = world.rank, world.size


def of(rank, count, dtype):
    return np.random.default_rng(rank).normal(size=count).astype(dtype)


def meet():
    time.sleep(random.choice([0.0, 0.0, 0.002]))  # nobody is always first
    world.barrier()


def memories():
    """How many memories are open here."""
    links = (os.path.join("/proc/self/fd", number) for number in os.listdir("/proc/self/fd"))
    return sum("kerasish sums" in os.readlink(link) for link in links if os.path.lexists(link))


# gradients of a step go this way, and are what MPI adds up
for count in (1 << 16, (1 << 20) + 3):
    for dtype in ("float32", "float64", "int32"):
        x = (of(rank, count, dtype="float64") * 100).astype(dtype)
        wanted = x.copy()
        world.all_reduce(wanted)
        before = world.bytes
        world.background.start(x)
        world.background.wait(x)
        np.testing.assert_allclose(x, wanted, rtol=1e-5 if dtype == "float32" else 1e-12, atol=1e-4)
        assert world.gather(x.tobytes()) == [x.tobytes()] * size  # the same bits everywhere
        assert world.bytes == before + x.nbytes
assert world._shared is not None and memories() == size

# many pieces, fewer numbers than ranks, numbers that no rank has a part of
shared_sums._MOST = 1 << 16
small = SharedSums.joined(rank, size, world.gather)
for turn, count in enumerate([1, 2, 3, 7, 1000, 16384, 16385, 100_000, 1, 70_001]):
    for dtype in ("float32", "float64"):
        x = of(rank + 100 * turn, count, dtype)
        small.sum(x, meet)
        total = of(100 * turn, count, dtype)
        for other in range(1, size):
            total += of(other + 100 * turn, count, dtype)
        np.testing.assert_array_equal(x, total)
assert not small.takes(np.zeros(10, "float32")) and not small.takes(np.zeros(1 << 20, "float16"))
assert small.takes(np.zeros(1 << 20, "float32"))

# where one of them has no such memory, or is not seen by another, nobody uses it
made, seen = shared_sums._made, shared_sums._seen


def refused(*args):
    raise PermissionError


if rank == size - 1:
    shared_sums._made = lambda count: None
assert SharedSums.joined(rank, size, world.gather) is None
shared_sums._made = made
if rank == 0:
    shared_sums._seen = refused
assert SharedSums.joined(rank, size, world.gather) is None
shared_sums._seen = seen
del small
assert memories() == size  # those of the World
