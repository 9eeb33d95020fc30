"""Steps of several ranks: gradients in buckets, tables by rows. Ends with 0 where all holds."""

import contextlib
import sys

import numpy as np

from kerasish import backend, ops
from kerasish.backend import Variable, ranks
from kerasish.backend.autodiff import gradients
from kerasish.backend.compiler import buckets, sparse_rows
from kerasish.backend.numpy import communication
from kerasish.backend.primitives import p

world = ranks.start(timeout=60.0)
rank, size = world.rank, world.size
sparse_rows._ELEMENTS_LATER = 0  # rows of small tables catch up too
TOGETHER = (
    "all_reduce",
    "all_gather",
    "reduce_scatter",
    "reduce_start",
    "reduce_wait",
    "meet",
    "publish",
    "seen",
    "gathered",
)


def share(x, shares):
    """This rank's rows."""
    return x[sum(shares[:rank]) :][: shares[rank]]


def messages(program):
    """The calls of all ranks, in order; they are the same on each."""
    found = [node.operation.name for made in program.nodes for node in made if node.operation.traits.together]
    assert all(name in TOGETHER for name in found)
    assert world.gather(found) == [found] * size, world.gather(found)
    return found


def summed(gs, shares):
    """What a training loop does with gradients of the sum over its rows."""
    return gs if shares is None else [p.all_reduce(g, shares=shares) for g in gs]


class Dense:
    """Three layers, one with statistics over all ranks."""

    def __init__(self):
        rng = np.random.default_rng(0)
        shapes = [(8, 64), (64, 64), (64, 1)]
        self.weights = [Variable(rng.normal(size=s) * 0.2, dtype="float64", name=f"w{i}") for i, s in enumerate(shapes)]

    def step(self, x, y, shares=None, count=24):
        h = x
        for i, w in enumerate(self.weights):
            h = ops.matmul(h, w)
            if i == 1:  # statistics of the whole batch: their sums come back in the backward pass
                total = ops.sum(h, axis=0, keepdims=True)
                h = h - (p.all_reduce(total) if shares else total) / count
            h = ops.tanh(h)
        loss = ops.sum(ops.square(h - y)) / count
        gs = summed(gradients(loss, list(self.weights)), shares)
        for w, g in zip(self.weights, gs):
            w.assign(w - 0.1 * g)
        return p.all_reduce(loss) if shares else loss


@contextlib.contextmanager
def by(way):
    """Ranks talk by messages, or see sums in common memory: added up while they are read, or by parts."""
    before = world.common, communication._ADDED_WHILE_READ
    world.common = None if way == "messages" else world.common
    communication._ADDED_WHILE_READ = 4 if way == "added while read" else 1
    try:
        yield
    finally:
        world.common, communication._ADDED_WHILE_READ = before


def test_dense(shares, bucket, way):
    buckets.BUCKET = bucket
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(sum(shares), 8)), rng.normal(size=(sum(shares), 1))
    alone, together = Dense(), Dense()
    whole = backend.function(lambda x, y: alone.step(x, y))
    parts = backend.function(lambda x, y: together.step(x, y, shares))
    mine = share(x, shares), share(y, shares)
    for _ in range(4):
        np.testing.assert_allclose(parts(*mine), whole(x, y), rtol=1e-10)
    for a, b in zip(alone.weights, together.weights):
        np.testing.assert_allclose(np.asarray(b), np.asarray(a), rtol=1e-9, atol=1e-12)
    names = messages(parts.program(*mine))
    assert names.count("all_reduce") == 2, names  # the statistics, and their gradient
    if way != "messages":
        return check_seen(parts.program(*mine), names, way)
    assert names.count("reduce_start") == names.count("reduce_wait") == (1 if bucket > 1 << 20 else 4), names
    made = [name for made in parts.program(*mine).nodes for name in (node.operation.name for node in made)]
    if bucket < 1 << 20:  # the backward pass goes on behind the first start
        assert "matmul" in made[made.index("reduce_start") : made.index("reduce_wait")], made
    found = parts.explain(*mine)
    assert found.message_seconds > 0 and "between ranks" in str(found)


def check_seen(program, names, way):
    """Gradients are made where all see them, behind the meeting of all: nothing copies them."""
    assert names.count("meet") == names.count("publish") == names.count("seen") == 1, names
    assert "reduce_start" not in names, names
    nodes = [node for made in program.nodes for node in made]
    (seen,) = (node for node in nodes if node.operation is p.seen)
    assert len(seen.outputs) == (size if way == "added while read" else 1)
    (step,) = (step for step, made in zip(program.steps, program.nodes) if made[0].operation is p.publish)
    copied = step.args[1]
    assert not copied, [part.shape for part, _ in copied]


class Table:
    """A large embedding, by an optimizer that also moves rows that nobody named."""

    def __init__(self, kind):
        rng = np.random.default_rng(0)
        self.kind = kind
        self.table = Variable(rng.normal(size=(5000, 8)), dtype="float32", name="table")
        self.slot = Variable(np.zeros((5000, 8)), dtype="float32", name="slot", trainable=False)
        self.other = Variable(rng.normal(size=(9000, 2)), dtype="float32", name="other")
        self.dense = Variable(rng.normal(size=(8, 1)), dtype="float32", name="dense")

    def step(self, ids, y, shares=None):
        later = ids + 1
        rows = ops.take(self.table, ids, axis=0)
        others = ops.sum(ops.take(self.other, later, axis=0), axis=(1, 2))
        loss = ops.sum(ops.square(ops.matmul(ops.sum(rows, axis=1), self.dense) + others[:, None] - y))
        table, other, dense = summed(gradients(loss, [self.table, self.other, self.dense]), shares)
        self.other.assign(self.other - 0.001 * other)
        if self.kind == "momentum":
            self.slot.assign(self.slot * 0.9 + table)
            self.table.assign(self.table - 0.001 * self.slot)
        else:
            self.table.assign(self.table - 0.001 * table)
        self.dense.assign(self.dense - 0.001 * dense)
        return p.all_reduce(loss) if shares else loss


def test_table(kind, shares, way):
    rng = np.random.default_rng(2)
    alone, together = Table(kind), Table(kind)
    whole = backend.function(lambda x, y: alone.step(x, y))
    parts = backend.function(lambda x, y: together.step(x, y, shares))
    for _ in range(6):
        ids, y = rng.integers(0, 40, (sum(shares), 3)), rng.normal(size=(sum(shares), 1)).astype("float32")
        mine = share(ids, shares), share(y, shares)
        np.testing.assert_allclose(parts(*mine), whole(ids, y), rtol=1e-4)
    for name in ("table", "other", "dense"):
        one, other = (np.asarray(getattr(who, name)) for who in (together, alone))
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    program = parts.program(*mine)
    names = messages(program)
    wanted = {"all_gather": 2, "reduce_start": 1} if way == "messages" else {"gathered": 2, "publish": 1, "meet": 1}
    assert all(names.count(name) == count for name, count in wanted.items()), names
    every = [name.split("/")[0] for name in program.names]
    assert "put_rows" in every and "take_gradient" not in every, every
    assert ("catch_up" in every) == (kind == "momentum"), every


class CutTables:
    """Three lookups in rows that are cut over ranks, as `distribution/tables.py` writes them; two by equal indices."""

    def __init__(self):
        rng = np.random.default_rng(0)
        self.tables = [Variable(rng.normal(size=(64, w)), dtype="float32", name=f"t{w}") for w in (1, 4, 8)]

    def step(self, ids, others, y, shares=None):
        rows = [self.looked_up(t, i, shares) for t, i in zip(self.tables, (ids, others, ids))]
        loss = ops.sum(ops.square(ops.sum(ops.concatenate(rows, axis=1), axis=1) - y))
        for table, gradient in zip(self.tables, gradients(loss, list(self.tables))):
            table.assign(table - 0.01 * gradient)
        return p.all_reduce(loss) if shares else loss

    def looked_up(self, table, ids, shares):
        if shares is None:
            return ops.take(table, ids, axis=0)
        where = {"rows": shares, "rank": rank}
        asked = p.all_gather(p.reshape(ids, shape=tuple(ids.shape)), **where)
        own = p.equal(p.remainder(asked, size), rank)
        return p.reduce_scatter(p.where(ops.expand_dims(own, 1), ops.take(table, asked, axis=0), 0.0), **where)


def test_cut_tables(shares, way):
    """Questions go in one message, answers in one, gradients in one."""
    rng = np.random.default_rng(3)
    alone, together = CutTables(), CutTables()
    whole = backend.function(lambda *batch: alone.step(*batch))
    parts = backend.function(lambda *batch: together.step(*batch, shares))
    for _ in range(4):
        batch = [rng.integers(0, 64, sum(shares)), rng.integers(0, 64, sum(shares)), rng.normal(size=sum(shares))]
        batch = [x.astype("float32" if x.dtype.kind == "f" else "int32") for x in batch]
        mine = [share(x, shares) for x in batch]
        np.testing.assert_allclose(parts(*mine), whole(*batch), rtol=1e-4)
    for one, other in zip(together.tables, alone.tables):
        here = np.arange(64) % size == rank
        np.testing.assert_allclose(np.asarray(one)[here], np.asarray(other)[here], rtol=1e-4, atol=1e-5)
    names = messages(parts.program(*mine))
    wanted = {"all_gather": 2, "reduce_scatter": 1} if way == "messages" else {"gathered": 2, "publish": 2, "meet": 1}
    assert all(names.count(name) == count for name, count in wanted.items()), names


def test_handed_on(shares):
    """What all have written or added up together goes at once into the next sum."""
    where = {"rows": shares, "rank": rank}
    scattered = backend.function(lambda rows: p.reduce_scatter(p.all_gather(rows, **where), **where))
    reduced = backend.function(lambda rows: p.all_reduce(p.all_gather(rows, **where)))
    twice = backend.function(lambda whole: p.all_reduce(p.all_reduce(whole)))
    rng = np.random.default_rng(5)
    for _ in range(3):
        x = rng.integers(-99, 99, (sum(shares), 16)).astype("float32")
        np.testing.assert_array_equal(scattered(share(x, shares)), size * share(x, shares))
        np.testing.assert_array_equal(reduced(share(-x, shares)), -size * x)
        np.testing.assert_array_equal(twice(x[0]), size**2 * x[0])


def test_loop(shares):
    """What ranks exchange in a loop does not meet what the step around it writes for the others."""
    rng = np.random.default_rng(4)
    start = rng.normal(size=(6, 6))
    alone, together = (Variable(start, dtype="float64", name="w") for _ in range(2))

    def step(w, x, shares=None):
        def turn(carry, row):
            total = ops.sum(ops.matmul(row[None], w))
            return carry + ops.tanh(p.all_reduce(total) if shares else total), carry

        last, _ = ops.scan(turn, ops.zeros((), "float64"), ops.sum(x, axis=0))
        loss = last * last / (size if shares else 1) + ops.sum(ops.square(ops.matmul(x, w)))
        (g,) = summed(gradients(loss, [w]), shares)
        w.assign(w - 0.01 * g)
        return p.all_reduce(loss) if shares else loss

    whole = backend.function(lambda x: step(alone, x))
    parts = backend.function(lambda x: step(together, x, shares))
    for _ in range(3):
        x = rng.normal(size=(sum(shares), 5, 6))
        np.testing.assert_allclose(parts(share(x, shares)), whole(x), rtol=1e-9)
    np.testing.assert_allclose(np.asarray(together), np.asarray(alone), rtol=1e-9)


even, ragged = (24 // size,) * size, tuple(24 // size + (1 if r % 2 else -1) for r in range(size))
for shares in (even, ragged):
    for way in ("messages", "added while read", "added up by parts"):
        with by(way):
            for bucket in (1, 25 << 20) if way == "messages" else (25 << 20,):
                test_dense(shares, bucket, way)
            for kind in ("plain", "momentum"):
                test_table(kind, shares, way)
            test_cut_tables(shares, way)
            test_handed_on(shares)
            test_loop(shares)
sys.stdout.flush()
