"""What a training step costs that looks up 256 rows of a small and of a large embedding table.

    python -m benchmarks.embedding_tables [--steps 2000]

Rows that a step does not look up catch up later (docs/architecture.md, "Embedding tables"): the median is a step, the
mean has the pauses in it in which all rows catch up. Zipf: a few rows are looked up again and again, as words are.
"""

import argparse
import statistics
import time

import numpy as np

import kerasish as keras
from kerasish import layers, optimizers

LOOKUPS, WIDTH, SIZES = 256, 64, (8_000, 800_000)
OPTIMIZERS = {
    "SGD": lambda: optimizers.SGD(0.01),
    "SGD, momentum": lambda: optimizers.SGD(0.01, momentum=0.9),
    "Adam": lambda: optimizers.Adam(0.001),
    "Adam, clipnorm": lambda: optimizers.Adam(0.001, clipnorm=1.0),
    "AdamW": lambda: optimizers.AdamW(0.001),
    "Nadam": lambda: optimizers.Nadam(0.001),
    "RMSprop": lambda: optimizers.RMSprop(0.001),
}


def batches(rows, steps, zipf):
    """Arrays of indices, one a step."""
    random = np.random.default_rng(0)
    for _ in range(steps):
        drawn = np.minimum(random.zipf(1.2, LOOKUPS), rows) - 1 if zipf else random.integers(0, rows, LOOKUPS)
        yield drawn.astype("int32")[:, None]


def milliseconds(optimizer, rows, steps, zipf):
    """(median, mean) of the steps behind the first ten."""
    model = keras.Sequential(
        [keras.Input((1,), dtype="int32"), layers.Embedding(rows, WIDTH), layers.Flatten(), layers.Dense(1)]
    )
    model.compile(optimizer(), "mse")
    targets, times = np.ones((LOOKUPS, 1), "float32"), []
    for indices in batches(rows, steps, zipf):
        before = time.perf_counter()
        model.train_on_batch(indices, targets)
        times.append(1000 * (time.perf_counter() - before))
    return statistics.median(times[10:]), statistics.mean(times[10:])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=2000)
    steps = parser.parse_args().steps
    print(f"| optimizer | lookups | {' | '.join(f'{rows:,} rows: median, mean (ms)' for rows in SIZES)} |")
    print("|---|---|" + "---|" * len(SIZES))
    for name, optimizer in OPTIMIZERS.items():
        for zipf in (False, True):
            cells = ["%.2f, %.2f" % milliseconds(optimizer, rows, steps, zipf) for rows in SIZES]
            print(f"| {name} | {'zipf' if zipf else 'uniform'} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
