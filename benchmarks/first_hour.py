"""What a first hour feels like, beside real Keras on JAX in one run.

Time to import, and a training step of a tiny network.

    pip install keras jax && python benchmarks/first_hour.py

Each measurement is taken in turns, several rounds; medians are printed. Run it without OPENBLAS_* and OMP_* variables.
"""

import json
import os
import statistics
import subprocess
import sys
import time

ROUNDS = 5
STEP = """
import sys, time
import numpy as np
library = __import__(sys.argv[1])
rng = np.random.default_rng(0)
x = rng.standard_normal((16000, 8)).astype("float32")
model = library.Sequential([library.Input((8,)), library.layers.Dense(16, "relu"), library.layers.Dense(1)])
model.compile("adam", "mse")
started = time.perf_counter()
model.fit(x[:32], x[:32, :1], batch_size=32, verbose=0)
first = time.perf_counter() - started
model.fit(x, x[:, :1], batch_size=32, verbose=0)
started = time.perf_counter()
model.fit(x, x[:, :1], batch_size=32, verbose=0)
print((time.perf_counter() - started) / 500 * 1e6, first * 1e3)
"""


def python(code, *arguments):
    """Seconds that a fresh interpreter takes for `code`, and what it prints."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        check=True,
    )
    return time.perf_counter() - started, done.stdout


def main():
    """Measure in turns and print a table and a line of JSON."""
    rows = {"import, s": {}, "fit of an 8-16-1 network, batch 32, us a step": {}, "first step, ms": {}}
    for _ in range(ROUNDS):
        empty, _ = python("pass")
        for library in ("kerasish", "keras"):
            seconds, _ = python(f"import {library}, {library}.layers, {library}.models")
            step, first = map(float, python(STEP, library)[1].split()[-2:])
            for row, value in zip(rows.values(), (seconds - empty, step, first)):
                row.setdefault(library, []).append(value)
    medians = {
        name: {library: statistics.median(values) for library, values in row.items()} for name, row in rows.items()
    }
    print(f"{'':50}{'kerasish':>10}{'Keras/JAX':>12}{'ratio':>8}")
    for name, row in medians.items():
        print(f"{name:50}{row['kerasish']:10.3f}{row['keras']:12.3f}{row['keras'] / row['kerasish']:8.1f}")
    print(json.dumps(medians))


if __name__ == "__main__":
    main()
