"""What ranks say to one another. Every rank runs this; it ends with 0 where all holds."""

import numpy as np

from kerasish import backend
from kerasish.backend import ranks
from kerasish.backend.autodiff import gradients
from kerasish.backend.primitives import p

world = ranks.start(timeout=60.0)
rank, size = world.rank, world.size
everyone = range(size)


def of(rank, *shape):
    return np.random.default_rng(rank).normal(size=shape)


def close(found, wanted):
    np.testing.assert_allclose(np.asarray(found), wanted, rtol=1e-12, atol=1e-12)


assert ranks.start() is world and ranks.world() is world and ranks.launched()
assert world.gather(rank) == list(everyone)
assert world.broadcast({"from": rank, "array": of(rank, 3)}, root=size - 1)["from"] == size - 1
assert world.all_to_all([(rank, to) for to in everyone]) == [(come, rank) for come in everyone]
for dtype in ("float32", "float64", "int8", "uint16", "int64", "complex64"):
    x = np.full((2, 3), rank + 1, dtype)
    world.all_reduce(x)
    assert x.dtype == dtype and (x == sum(everyone) + size).all()
empty = np.zeros((0,), "float32")
world.all_reduce(empty)
world.barrier()

# primitives: at once, compiled, and their gradients
rows = tuple(r + 1 for r in everyone)  # ragged
mine = of(rank, rows[rank], 2)
whole = np.concatenate([of(r, rows[r], 2) for r in everyone])
where = dict(rows=rows, rank=rank)
close(p.all_gather(mine, **where), whole)
total = sum(of(r, 3, 2) for r in everyone)
close(p.all_reduce(of(rank, 3, 2)), total)
close(p.all_reduce(of(rank, 3, 2).T, op="max"), np.max([of(r, 3, 2).T for r in everyone], axis=0))
assert p.all_reduce(np.array([rank == 0, True]), op="min").tolist() == [size == 1, True]
scattered = p.reduce_scatter(whole * (rank + 1.0), **where)
start = sum(rows[:rank])
close(scattered, whole[start : start + rows[rank]] * (sum(everyone) + size))
for half in ("float16", "bfloat16"):
    ones = backend.device().from_host(np.ones(4, half))
    for call in (p.all_reduce, backend.function(p.all_reduce)):
        assert call(ones).dtype == half and (np.asarray(call(ones), "float32") == size).all()


def sloped(call, weights):
    """The gradient by `x` of the sum over ranks of sum(weights * call(x))."""

    def slope(x):
        return gradients(p.sum(p.multiply(call(x), weights), axis=None, keepdims=False), x)

    return backend.function(slope)


weights = of(rank + 10, 3, 2)
close(sloped(p.all_reduce, weights)(of(rank, 3, 2)), sum(of(r + 10, 3, 2) for r in everyone))
weights = of(rank + 10, sum(rows), 2)
found = sloped(lambda x: p.all_gather(x, **where), weights)(mine)
close(found, sum(of(r + 10, sum(rows), 2) for r in everyone)[start : start + rows[rank]])
weights = of(rank + 10, rows[rank], 2)
found = sloped(lambda x: p.reduce_scatter(x, **where), weights)(whole)
close(found, np.concatenate([of(r + 10, rows[r], 2) for r in everyone]))
largest = backend.function(lambda x: gradients(p.sum(p.all_reduce(x, op="max"), axis=None, keepdims=False), x))
close(largest(np.array([float(rank), 1.0])), [size * (rank == size - 1), 1.0])

# what all compute together is computed in each run, not while a step is traced
counted = backend.function(lambda x: p.add(x, p.all_reduce(np.float64(rank + 1.0))))
for _ in range(2):
    close(counted(np.zeros(2)), [sum(everyone) + size] * 2)
names = [node.operation.name for node in backend.trace(lambda: p.all_reduce(np.ones(2)), []).nodes]
assert names == ["all_reduce"], names
