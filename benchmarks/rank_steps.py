"""How well several ranks train: a step of all of them beside a step of one that is alone.

    python -m kerasish launch -n 2 --threads 1 benchmarks/rank_steps.py recommender resnet50 [--side 96] [--rounds 5]

Every rank trains as many rows as the one alone (weak scaling). Three things are timed in turns in the same processes,
so that what else runs on the machine meets all of them: rank 0 alone, while the others wait in naps; all ranks beside
one another, each by itself, without a message (what the memory and the clock of the machine leave of each); and all of
them together. The efficiency is the ratio of the medians to that alone, of the clock on the wall and of the processor's
time; that of the quickest steps is given too, for machines that do other things beside. `--cut` cuts the tables of
embeddings over the ranks. `--json FILE` keeps the numbers.
"""

import argparse
import contextlib
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


QUICK = 0.05  # of all steps are this quick: those that nothing else on the machine came between


class Clock(keras.callbacks.Callback):
    """What passes from the end of the first step to that of the last; a fit begins by making all ranks alike."""

    def __init__(self):
        super().__init__()
        self.ends = []

    def on_train_batch_end(self, batch, logs=None):
        self.ends.append(time.perf_counter())
        world = ranks.world()
        sent = (world.bytes, world.messages, world.waited, world.background.seconds, world.background.waited)
        self.now = np.array([time.perf_counter(), time.process_time(), *sent])
        if batch == 0:
            self.begun = self.now


def timed(model, x, y, batch):
    """(of a step the seconds on the wall, of this process's processors, bytes, messages, their seconds; all steps').

    The seconds are those of messages that were waited for at once, of others, and of the waiting for others.
    """
    clock = Clock()
    model.fit(x, y, batch_size=batch, epochs=1, shuffle=False, verbose=0, callbacks=[clock])
    return (clock.now - clock.begun) / (-(-len(y) // batch) - 1), np.diff(clock.ends)


def distribution_of(options):
    """Data-parallel; with `--cut` the rows of all tables are cut over the ranks."""
    if not options.cut:
        return keras.distribution.DataParallel()
    mesh = keras.distribution.DeviceMesh((1, ranks.world().size), ["batch", "model"])
    layouts = keras.distribution.LayoutMap(mesh)
    layouts[".*/embeddings"] = ("model", None)
    return keras.distribution.ModelParallel(layout_map=layouts)


def measured(name, options):
    """The numbers of one workload."""
    world = ranks.start()
    module = workloads.load(name)
    build, data = shrunk(module, options.side)
    steps, batch = 1 + (options.steps or module.STEPS), options.batch or module.BATCH
    keras.utils.set_random_seed(0)
    x, y = data(np.random.default_rng(0), steps * batch * world.size)
    first = [a[: steps * batch] for a in x] if isinstance(x, list) else x[: steps * batch]
    alone, distribution = build(), distribution_of(options)
    with distribution.scope():
        together = build()
    turns = {"alone": [], "beside": [], "together": []}
    for _ in range(options.rounds + 1):  # the first compiles
        for kind, found in turns.items():
            world.barrier()
            if kind == "alone" and world.rank:
                continue
            with distribution.scope() if kind == "together" else contextlib.nullcontext():
                given = (together, x, y, batch * world.size)
                found.append(timed(*(given if kind == "together" else (alone, first, y[: steps * batch], batch))))
    if world.rank:
        return None
    medians = {kind: np.median([mean for mean, _ in found[1:]], axis=0).tolist() for kind, found in turns.items()}
    quick = {
        kind: float(np.quantile(np.concatenate([steps for _, steps in found[1:]]), QUICK))
        for kind, found in turns.items()
    }
    (wall, used), (wall_together, used_together, sent, count, waited, seconds, waited_beside) = (
        medians["alone"][:2],
        medians["together"],
    )
    return {
        "workload": name,
        "ranks": world.size,
        "batch": batch,
        "tables": "cut" if options.cut else "whole",
        "seen": world.common is not None,
        "parameters": int(together.count_params()),
        "bytes": sent,  # a step, summed or gathered
        "messages": count,
        "spread": statistics.pstdev(found[0] for found, _ in turns["alone"][1:]) / wall,
        "seconds_alone": wall,
        "seconds_beside": medians["beside"][0],
        "seconds_together": wall_together,
        "bound": wall / medians["beside"][0],
        "processor_bound": used / medians["beside"][1],
        "efficiency": wall / wall_together,
        "processor_efficiency": used / used_together,
        "quick_seconds": quick,
        "message_seconds": waited + seconds,
        "waited_seconds": waited + waited_beside,
    }


def line(row):
    """What is said of a workload."""
    quick = row["quick_seconds"]
    milliseconds = {kind: f"{row[f'seconds_{kind}'] * 1e3:.2f}" for kind in ("alone", "beside", "together")}
    return (
        f"{row['workload']:14} {row['ranks']} ranks of {row['batch']} rows, tables {row['tables']}: "
        f"{milliseconds['alone']} ms alone, {milliseconds['beside']} ms beside one another, {milliseconds['together']} "
        f"ms together: {row['bound']:.0%} were the most, {row['efficiency']:.0%} on the wall; "
        f"{row['processor_bound']:.0%} and {row['processor_efficiency']:.0%} of the processor; the quickest "
        f"steps {quick['alone'] * 1e3:.2f}, "
        f"{quick['beside'] * 1e3:.2f} and {quick['together'] * 1e3:.2f} ms: {quick['alone'] / quick['beside']:.0%} and "
        f"{quick['alone'] / quick['together']:.0%}; {row['messages']:.1f} messages of "
        f"{row['bytes'] / 1e3:.0f} kB take {row['message_seconds'] * 1e3:.2f} ms, {row['waited_seconds'] * 1e3:.2f} ms "
        "are waited for"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=workloads.NAMES, metavar="WORKLOAD")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--side", type=int, help="of pictures, smaller than the workload's")
    parser.add_argument("--batch", type=int, help="rows of each rank")
    parser.add_argument("--steps", type=int, help="of each turn")
    parser.add_argument("--cut", action="store_true", help="cut the tables of embeddings over the ranks")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    if ranks.start() is None:
        parser.error("start it on several ranks: python -m kerasish launch -n 2 --threads 1 benchmarks/rank_steps.py")
    rows = [row for name in options.names if (row := measured(name, options)) is not None]
    for row in rows:
        print(line(row), flush=True)
    if options.json and rows:
        with open(options.json, "w") as file:
            json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
