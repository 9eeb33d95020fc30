"""A hundred thousand calls in a row: time a call, growth of memory, and what was compiled.

    python benchmarks/loops.py [calls]

With Keras on TensorFlow `predict` in a loop is a known trap: it grows and slows down (keras issue 13118). Here it is
the plain way to serve a model. Each row alternates between four batch sizes; the columns should not depend on the
number of calls.
"""

import gc
import resource
import sys
import time

import numpy as np

import kerasish as keras

SIZES = (1, 3, 8, 32)


def resident_kib():
    """Memory of this process now, in KiB."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() // 1024


def main(calls):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    x = np.random.default_rng(0).standard_normal((32, 8)).astype("float32")
    y = x[:, :1].copy()
    runs = {
        "predict": lambda n: model.predict(x[:n], verbose=0),
        "predict_on_batch": lambda n: model.predict_on_batch(x[:n]),
        "evaluate": lambda n: model.evaluate(x[:n], y[:n], verbose=0),
        "train_on_batch": lambda n: model.train_on_batch(x[:n], y[:n]),
        "fit": lambda n: model.fit(x[:n], y[:n], verbose=0),
    }
    print(f"{calls} calls each, batches of {SIZES} in turn")
    print(f"{'':18}{'us a call':>10}{'last tenth':>12}{'grown KiB':>11}{'objects':>9}{'compiled':>10}")
    for name, run in runs.items():
        for index in range(200):
            run(SIZES[index % 4])
        gc.collect()
        memory, objects, compiled = resident_kib(), len(gc.get_objects()), traced(model)
        begin = time.perf_counter()
        for index in range(calls):
            if index == calls - calls // 10:
                last = time.perf_counter()
            run(SIZES[index % 4])
        end = time.perf_counter()
        gc.collect()
        a_call, late = (end - begin) / calls * 1e6, (end - last) / (calls // 10) * 1e6
        grown = resident_kib() - memory, len(gc.get_objects()) - objects, traced(model) - compiled
        print(f"{name:18}{a_call:10.1f}{late:12.1f}{grown[0]:11}{grown[1]:9}{grown[2]:10}")


def traced(model):
    """How often a step of `model` was traced so far."""
    return sum(
        function.traces
        for function in (model.make_train_function(), model.make_test_function(), model.make_predict_function())
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
