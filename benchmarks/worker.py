"""Runs ONE workload on ONE backend in this process and prints one line of JSON.

`compare.py` starts it; by hand:

    python benchmarks/worker.py convnet kerasish
    KERAS_BACKEND=jax python benchmarks/worker.py convnet jax --seconds 1

Nothing but the standard library is imported before the library that is measured, and nothing is subtracted: a step of
`fit` is the time of `model.fit(arrays of n batches, verbose=0)` by n, steady, after a call that warms up.
"""

import argparse
import importlib
import json
import math
import os
import resource
import statistics
import sys
import time

BEGAN = time.time()
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LEAST_CALLS, MOST_CALLS = 3, 2000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workload")
    parser.add_argument(
        "backend", help="kerasish, or the name of the backend of Keras (KERAS_BACKEND must say the same)"
    )
    parser.add_argument(
        "--began",
        type=float,
        default=BEGAN,
        help="time.time() when the process was asked for (default: when it got here)",
    )
    parser.add_argument("--seconds", type=float, default=3.0, help="about how long to time fit, and predict, for")
    parser.add_argument("--steps", type=int, help="steps of a timed call (default: the workload's own)")
    parser.add_argument("--first-only", action="store_true", help="stop after the first step")
    return parser.parse_args()


def peak_memory():
    """The most memory that this process has held, in MB."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    except (OSError, StopIteration):
        unit = 2**20 if sys.platform == "darwin" else 2**10
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def timed(call, steps, seconds):
    """Milliseconds a step of `call`, which does `steps` of them.

    The median and least of several calls, and the processor's time.
    """
    require_finite(call(), "the call that warms up")
    walls, processor = [], time.process_time()
    while len(walls) < LEAST_CALLS or (sum(walls) < seconds and len(walls) < MOST_CALLS):
        started = time.perf_counter()
        call()
        walls.append(time.perf_counter() - started)
    processor = (time.process_time() - processor) / len(walls)
    return {
        "ms": statistics.median(walls) / steps * 1e3,
        "least_ms": min(walls) / steps * 1e3,
        "cpu_ms": processor / steps * 1e3,
        "calls": len(walls),
    }


def run_fit(model, x, y, batch):
    return model.fit(x, y, batch_size=batch, verbose=0).history["loss"][-1]


def run_predict(model, x, batch):
    return model.predict(x, batch_size=batch, verbose=0)


def require_finite(outputs, name):
    if not math.isfinite(float(outputs.sum() if hasattr(outputs, "sum") else outputs)):
        raise ArithmeticError(f"{name} gave numbers that are not finite")


def measure(options, record):
    """Fill `record` with what is measured; what stands in it when an error is raised stays."""
    started = time.perf_counter()
    library = importlib.import_module("kerasish" if options.backend == "kerasish" else "keras")
    for part in ("layers", "models", "optimizers"):
        importlib.import_module(f"{library.__name__}.{part}")
    record["import_s"], record["version"] = time.perf_counter() - started, library.__version__
    if library.__name__ == "keras" and library.backend.backend() != options.backend:
        raise RuntimeError(f"Keras runs on {library.backend.backend()}; set KERAS_BACKEND={options.backend}")

    import numpy

    sys.path.insert(0, ROOT)
    from benchmarks import workloads

    workload = workloads.load(options.workload)
    measures, batch, steps = workloads.measures(workload), workload.BATCH, options.steps or workload.STEPS
    rng = numpy.random.default_rng(0)
    x, y = workload.data(rng, batch)
    started = time.perf_counter()
    model = workload.build(library)
    record["build_s"] = time.perf_counter() - started
    record["parameters"] = model.count_params()

    started = time.perf_counter()
    if "fit" in measures:
        run_fit(model, x, y, batch)
    else:
        run_predict(model, x, batch)
    record["first_call_s"], record["first_start_s"] = time.perf_counter() - started, time.time() - options.began
    if options.first_only:
        return
    x, y = workload.data(rng, batch * steps)
    if "fit" in measures:
        record["fit"] = timed(lambda: run_fit(model, x, y, batch), steps, options.seconds)
        record["fit_memory_mb"] = peak_memory()
    record["predict"] = timed(lambda: run_predict(model, x, batch), steps, options.seconds)


def main():
    options = arguments()
    if options.backend == "kerasish":
        sys.path.insert(0, ROOT)
    record = {"workload": options.workload, "backend": options.backend}
    try:
        measure(options, record)
    except Exception as error:  # a workload that fails is a result too
        record["error"] = f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0]}"
    record["memory_mb"] = peak_memory()
    print(json.dumps(record))


if __name__ == "__main__":
    main()
