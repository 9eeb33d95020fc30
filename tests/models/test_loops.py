"""predict, evaluate, train_on_batch and fit in a loop.

Nothing grows, nothing is compiled twice, the data set is not copied.

`benchmarks/loops.py` is the long version.
"""

import gc
import threading
import tracemalloc

import h5py
import numpy as np
import pytest

import kerasish as keras
from kerasish import backend

RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 6)).astype("float32")
Y = X[:, :1].copy()
SIZES = (1, 3, 8, 40)


def small_model():
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.Input((6,)), keras.layers.Dense(8, "tanh"), keras.layers.Dropout(0.2), keras.layers.Dense(1)]
    )
    model.compile("adam", "mse", metrics=["mae"])
    return model


CALLS = {
    "predict": lambda model, n: model.predict(X[:n], verbose=0),
    "predict, float64": lambda model, n: model.predict(X[:n].astype("float64"), verbose="auto"),
    "predict_on_batch": lambda model, n: model.predict_on_batch(X[:n]),
    "evaluate": lambda model, n: model.evaluate(X[:n], Y[:n], verbose=0),
    "train_on_batch": lambda model, n: model.train_on_batch(X[:n], Y[:n]),
    "test_on_batch": lambda model, n: model.test_on_batch(X[:n], Y[:n]),
    "fit": lambda model, n: model.fit(X[:n], Y[:n], batch_size=16, verbose=0),
}


def traces(model):
    """Which compiled steps there are, and how often each was traced."""
    return [(function, function.traces) for _, function, _ in model._functions.values()]


@pytest.mark.parametrize("kind", CALLS)
def test_a_loop_of_calls_keeps_nothing_and_compiles_each_signature_once(kind):
    model, call = small_model(), CALLS[kind]

    def loop(count):
        for index in range(count):
            call(model, SIZES[index % len(SIZES)])

    loop(60)
    compiled, attributes, threads = traces(model), len(vars(model)), threading.active_count()
    gc.collect()
    objects = len(gc.get_objects())
    tracemalloc.start()
    held, growth = 0, []
    # Tables of the interpreter and threads of the test runner grow now and then, by steps; what each call leaves behind
    # would show every time.
    while len(growth) < 12 and min(growth[1:], default=2000) >= 2000:
        loop(200)
        gc.collect()
        before, held = held, tracemalloc.get_traced_memory()[0]
        growth.append(held - before)
    tracemalloc.stop()
    assert min(growth[1:]) < 2000, f"{growth} bytes in 200 calls each"
    assert len(gc.get_objects()) - objects < 100  # of the interpreter and of the measurement, not of the calls
    assert traces(model) == compiled and len(vars(model)) == attributes and threading.active_count() == threads


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
@pytest.mark.parametrize("kind", ["fit", "fit in order", "evaluate", "predict", "train_on_batch"])
def test_the_data_set_is_never_copied(kind, dtype):
    x = np.zeros((8192, 256), dtype)  # 2 to 16 MiB; a batch of 32 takes 32 KiB as float32
    y = np.zeros((len(x), 1), "float32")
    model = keras.Sequential([keras.Input((256,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    run = {
        "fit": lambda: model.fit(x, y, verbose=0),
        "fit in order": lambda: model.fit(x, y, shuffle=False, verbose=0, validation_split=0.1),
        "evaluate": lambda: model.evaluate(x, y, verbose=0),
        "predict": lambda: model.predict(x, verbose=0),
        "train_on_batch": lambda: [model.train_on_batch(x[i : i + 32], y[i : i + 32]) for i in range(0, 320, 32)],
    }[kind]
    run()
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 700_000, peak


def test_arrays_in_files_are_not_read_as_a_whole(tmp_path, monkeypatch):
    with h5py.File(tmp_path / "data.h5", "w") as file:
        x, y = file.create_dataset("x", data=X), file.create_dataset("y", data=np.arange(40) % 3)
        monkeypatch.setattr(h5py.Dataset, "__array__", lambda *_, **__: pytest.fail("read as a whole"))
        model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3, "softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        model.fit(x, y, batch_size=7, verbose=0, validation_split=0.2)
        model.evaluate(x, y, batch_size=7, verbose=0)
        assert model.predict(x, batch_size=7, verbose=0).shape == (40, 3)
        y[39] = 3
        with pytest.raises(ValueError, match="from 0 to 2"):
            model.fit(x, y, verbose=0)


def test_a_training_that_fails_or_is_interrupted_leaves_no_thread():
    x = np.zeros((40, 2**17), "float32")  # a batch of 4 is 2 MiB: gathered on a thread
    y = np.zeros((40, 1), "float32")
    model = keras.Sequential([keras.Input((2**17,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")

    class Interrupting(keras.callbacks.Callback):
        seen = 0

        def on_train_batch_end(self, batch, logs=None):
            self.seen = max(self.seen, sum(t.name == "kerasish-prefetch" for t in threading.enumerate()))
            if batch == 1:
                raise KeyboardInterrupt

    for arguments in ({}, {"steps_per_epoch": 5}):
        watch = Interrupting()
        with pytest.raises(KeyboardInterrupt):
            model.fit(x, y, batch_size=4, verbose=0, callbacks=[watch], **arguments)
        assert watch.seen == 1
        assert not [t for t in threading.enumerate() if t.name == "kerasish-prefetch"]

    class Stopping(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = True

    model.fit(x, y, batch_size=4, verbose=0, callbacks=[Stopping()])
    assert not [t for t in threading.enumerate() if t.name == "kerasish-prefetch"]


def test_what_callbacks_see_of_batches():
    logs, batches = [], []

    class Watching(keras.callbacks.Callback):
        def on_predict_batch_end(self, batch, logs=None):
            batches.append((batch, logs["outputs"].shape))

        def on_test_batch_end(self, batch, logs=None):
            batches.append((batch, sorted(logs)))

    model = small_model()
    model.predict(X, batch_size=30, callbacks=[Watching()], verbose=0)
    model.evaluate(X, Y, batch_size=30, callbacks=[Watching()], verbose=0)
    assert batches == [(0, (30, 1)), (1, (10, 1)), (0, ["loss", "mae"]), (1, ["loss", "mae"])] and not logs


def test_states_of_metrics_start_anew_even_where_one_is_attached_later():
    model = small_model()
    first = model.evaluate(X, Y, verbose=0)
    assert model.evaluate(X, Y, verbose=0) == first
    model.extra = keras.metrics.Mean(name="extra")
    model.extra.update_state(3.0)
    model.reset_metrics()
    assert float(backend.convert_to_numpy(model.extra.result())) == 0.0
    model.train_on_batch(X, Y)
    assert model.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)
    model.compile("sgd", "mae", metrics=["mse"])
    assert sorted(model.evaluate(X, Y, verbose=0, return_dict=True)) == ["extra", "loss", "mse"]


def test_an_eager_step_may_keep_its_batches():
    kept = []

    class Keeping(keras.Model):
        def __init__(self):
            super().__init__()
            self.head = keras.layers.Dense(1)

        def call(self, x):
            kept.append(x)  # not a copy
            return self.head(x)

    model = Keeping()
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(X.astype("float64"), Y, batch_size=8, verbose=0)
    rows = np.concatenate([backend.convert_to_numpy(x) for x in kept[-5:]])
    assert sorted(map(tuple, rows)) == sorted(map(tuple, X))
