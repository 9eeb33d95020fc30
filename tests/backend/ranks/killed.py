"""Ranks die by SIGKILL in the middle of steps, until `argv[2]` are left; the rest train on. `argv[1]`: a seed.

`argv[3]` is the file in which who is left says so.

The sums over ranks do not depend on how many there are, so the weights in the end are those of a process that did all
steps alone.
"""

import os
import signal
import sys
import threading

import numpy as np

from kerasish import backend, ops
from kerasish.backend import Variable, ranks
from kerasish.backend.autodiff import gradients
from kerasish.backend.compiler import buckets
from kerasish.backend.primitives import p
from kerasish.backend.ranks.common_memory import CommonMemory

buckets.BUCKET = 1 << 16
seed, least = int(sys.argv[1]), int(sys.argv[2])
if seed % 2:
    CommonMemory.joined = lambda *of: None  # gradients go by messages, though the ranks are on one machine
world = ranks.start(timeout=60.0)
chance = np.random.default_rng(seed)
order = chance.permutation(world.size)[: world.size - least].tolist()  # who dies, by the first World's ranks
moments = [(3 + 4 * i + int(chance.integers(2)), float(chance.uniform(0, 0.02))) for i in range(len(order))]
me, STEPS = world.rank, 4 + 4 * len(order)
ROWS, WIDTH, LAYERS = 48, 160, 3


def batch(step):
    return np.random.default_rng(1000 + step).normal(size=(ROWS, WIDTH))


class Model:
    def __init__(self):
        rng = np.random.default_rng(0)
        self.weights = [
            Variable(rng.normal(size=(WIDTH, WIDTH)) / WIDTH**0.5, dtype="float64", name=f"w{i}") for i in range(LAYERS)
        ]
        self.run = backend.function(self.step)

    def step(self, x, together):
        h = x
        for w in self.weights:
            h = ops.tanh(ops.matmul(h, w))
        loss = ops.sum(ops.square(h)) / ROWS
        gs = gradients(loss, list(self.weights))
        for w, g in zip(self.weights, gs):
            w.assign(w - 0.05 * (p.all_reduce(g) if together else g))
        return p.all_reduce(loss) if together else loss


def went_on():
    """Behind a RankLost: the World of those that are left, the step they are at, and its state."""
    recovery = ranks.recover(step, min_workers=least)
    if recovery.all_agree:
        return recovery.world, recovery.step, losses
    values, found = recovery.world.broadcast(([np.asarray(w) for w in model.weights], losses), root=recovery.newest)
    for w, value in zip(model.weights, values):
        w.assign(value)
    return recovery.world, recovery.step, list(found)


model = Model()
losses, step = [], 0
if me in order:
    at, after = moments[order.index(me)]
while step < STEPS:
    if me in order and at is not None and step >= at:
        threading.Timer(after, os.kill, (os.getpid(), signal.SIGKILL)).start()
        at = None
    share = np.array_split(batch(step), world.size)[world.rank]
    try:
        found = float(model.run(share, "together"))
    except ranks.RankLost:
        world, step, losses = went_on()
        continue
    losses.append(found)
    step += 1
if me in order:
    signal.pause()  # the timer is late
while world.size > least:
    try:
        world.barrier()
    except ranks.RankLost:
        world, step, losses = went_on()
assert world.size == least and world.generation >= 1, (world, world.generation)
alone = Model()
wanted = [float(alone.run(batch(i), None)) for i in range(STEPS)]
np.testing.assert_allclose(losses, wanted, rtol=1e-9)
for a, b in zip(model.weights, alone.weights):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-7, atol=1e-10)
with open(sys.argv[3], "a") as file:  # where mpiexec tolerates faults, it may end before it has shown the last words
    file.write(f"rank {me} went on as {world}\n")
