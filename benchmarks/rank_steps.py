"""How well several ranks train: a step of all of them beside a step of one that is alone.

    python -m kerasish launch -n 2 --threads 1 benchmarks/rank_steps.py recommender resnet50 [--side 96] [--rounds 5]

Every rank trains as many rows as the one alone (weak scaling). Both are timed in turns in the same processes, so that
what else runs on the machine meets both: while rank 0 trains alone, the others wait in naps. The efficiency is the
ratio of the medians, of the clock on the wall and of the processor's time. `--json FILE` keeps the numbers.
"""

import argparse
import json
import statistics
import time

import numpy as np

import kerasish as keras
from benchmarks import workloads
from kerasish.backend import ranks


def shrunk(module, side):
    """(function that builds the model, samples of data) of a workload, its pictures `side` pixels wide."""
    if side is None or not hasattr(module, "SIDE"):
        return lambda: module.build(keras), module.data

    def build():
        name = {"inception_v3": "InceptionV3", "resnet50": "ResNet50"}[module.__name__.rpartition(".")[2]]
        model = getattr(keras.applications, name)(weights=None, input_shape=(side, side, 3))
        model.compile("adam", "sparse_categorical_crossentropy")
        return model

    def data(rng, samples):
        return rng.random((samples, side, side, 3), dtype="float32"), rng.integers(0, module.CLASSES, samples)

    return build, data


class Clock(keras.callbacks.Callback):
    """Seconds from the end of the first step to that of the last; a fit begins by making all ranks alike."""

    def on_train_batch_end(self, batch, logs=None):
        self.now = time.perf_counter(), time.process_time()
        if batch == 0:
            self.begun = self.now


def timed(model, x, y, batch):
    """Seconds a step: (on the wall, of this process's processors)."""
    clock = Clock()
    model.fit(x, y, batch_size=batch, epochs=1, shuffle=False, verbose=0, callbacks=[clock])
    steps = -(-len(y) // batch) - 1
    return tuple((now - begun) / steps for begun, now in zip(clock.begun, clock.now))


def measured(name, options):
    """The numbers of one workload."""
    world = ranks.start()
    module = workloads.load(name)
    build, data = shrunk(module, options.side)
    steps, batch = 1 + (options.steps or module.STEPS), options.batch or module.BATCH
    keras.utils.set_random_seed(0)
    x, y = data(np.random.default_rng(0), steps * batch * world.size)
    first = [a[: steps * batch] for a in x] if isinstance(x, list) else x[: steps * batch]
    alone, together = build(), build()
    parameters = together.count_params()
    distribution = keras.distribution.DataParallel()
    turns = {"alone": [], "together": []}
    for turn in range(options.rounds + 1):
        if world.rank == 0:
            found = timed(alone, first, y[: steps * batch], batch)
            turns["alone"] += [found] if turn else []
        world.barrier()
        sent = world.bytes
        messages = world.background.seconds, world.background.waited
        with distribution.scope():
            found = timed(together, x, y, batch * world.size)
        messages = [(b - a) / steps for a, b in zip(messages, (world.background.seconds, world.background.waited))]
        sent = (world.bytes - sent) / steps
        turns["together"] += [found] if turn else []
    if world.rank:
        return None
    wall, used = ({key: statistics.median(t[i] for t in found) for key, found in turns.items()} for i in range(2))
    return {
        "workload": name,
        "ranks": world.size,
        "batch": batch,
        "parameters": int(parameters),
        "bytes": sent,  # a step, summed or gathered
        "spread": statistics.pstdev(t[0] for t in turns["alone"]) / wall["alone"],
        "seconds_alone": wall["alone"],
        "seconds_together": wall["together"],
        "efficiency": wall["alone"] / wall["together"],
        "processor_efficiency": used["alone"] / used["together"],
        "message_seconds": messages[0],
        "waited_seconds": messages[1],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=workloads.NAMES, metavar="WORKLOAD")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--side", type=int, help="of pictures, smaller than the workload's")
    parser.add_argument("--batch", type=int, help="rows of each rank")
    parser.add_argument("--steps", type=int, help="of each turn")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    if ranks.start() is None:
        parser.error("start it on several ranks: python -m kerasish launch -n 2 --threads 1 benchmarks/rank_steps.py")
    rows = [row for name in options.names if (row := measured(name, options)) is not None]
    for row in rows:
        print(
            f"{row['workload']:14} {row['ranks']} ranks of {row['batch']} rows: {row['seconds_alone'] * 1e3:.1f} ms "
            f"alone, {row['seconds_together'] * 1e3:.1f} ms together: {row['efficiency']:.0%} on the wall, "
            f"{row['processor_efficiency']:.0%} of the processor; messages {row['message_seconds'] * 1e3:.1f} ms, "
            f"{row['waited_seconds'] * 1e3:.1f} ms of them waited for",
            flush=True,
        )
    if options.json and rows:
        with open(options.json, "w") as file:
            json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
