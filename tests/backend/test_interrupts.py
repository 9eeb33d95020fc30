"""A step is all or nothing: an interrupt that comes inside is raised at its end."""

import signal
import threading

import numpy as np
import pytest

import kerasish as keras
from kerasish.backend import interrupts
from kerasish.backend.interrupts import undivided
from kerasish.backend.numpy.native import available
from kerasish.files.old_hdf5.stored import Stored

pytestmark = pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals are sent to a thread")


def raising(log):
    def run():
        log.append("first")
        signal.raise_signal(signal.SIGINT)
        log.append("second")

    return run


def test_an_interrupt_inside_is_raised_at_the_end():
    log, before = [], signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        undivided(raising(log))()
    assert log == ["first", "second"]
    assert signal.getsignal(signal.SIGINT) is before


def test_one_inside_another_waits_for_the_outer():
    log = []

    def outer():
        undivided(raising(log))()
        log.append("outer")

    with pytest.raises(KeyboardInterrupt):
        undivided(outer)()
    assert log == ["first", "second", "outer"]


def test_an_error_inside_keeps_the_interrupt():
    def run():
        signal.raise_signal(signal.SIGINT)
        raise ValueError("of the step")

    with pytest.raises(KeyboardInterrupt) as caught:
        undivided(run)()
    assert "of the step" in str(caught.value.__context__)


def test_a_handler_of_the_users_is_called_at_the_end():
    log = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: log.append(number))

    def run():
        signal.raise_signal(signal.SIGTERM)
        log.append("run")

    try:
        undivided(run)()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert log == ["run", signal.SIGTERM]


def test_what_never_ends_is_interrupted_by_insisting(monkeypatch):
    monkeypatch.setattr(interrupts, "PATIENCE", 0.05)
    stop = threading.Event()

    def insist():
        while not stop.wait(0.02):
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    def run():
        while True:
            pass

    insisting = threading.Thread(target=insist)
    with pytest.raises(KeyboardInterrupt):
        try:
            insisting.start()
            undivided(run)()
        finally:
            stop.set()
            insisting.join()


def test_other_threads_run_as_they_are():
    log = []
    thread = threading.Thread(target=undivided(lambda: log.append(1)))
    thread.start()
    thread.join()
    assert log == [1]


@pytest.fixture(params=[True, False], ids=["native", "plain"])
def steps_as(request):
    """Steps in native code, then each one as calls of NumPy, between which Python looks for signals."""
    before = available.use(request.param)
    yield
    available.use(before)


def test_interrupts_of_training_leave_whole_steps(steps_as):
    words = np.random.default_rng(0).integers(0, 1000, (16, 50))
    target = np.ones((16, 1), "float32")

    def made():
        keras.utils.set_random_seed(0)
        layers = [keras.Input((50,), dtype="int32"), keras.layers.Embedding(1000, 32), keras.layers.LSTM(32)]
        model = keras.Sequential([*layers, keras.layers.Dense(1)])
        model.compile("adam", "mse")
        return model

    def state(model):
        return [np.array(v) for v in (*model.weights, *model.optimizer.variables, *model.metrics_variables)]

    def step(model):
        model.make_train_function()(words, target, None)

    steps, random = 40, np.random.default_rng(1)
    model = made()
    model.train_on_batch(words, target)
    path = [None, state(model)]
    for _ in range(steps):
        step(model)
        path.append(state(model))

    hits = 0
    for _ in range(12):
        model = made()
        model.train_on_batch(words, target)
        timer = threading.Timer(
            random.uniform(0.001, 0.02), signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT)
        )
        try:
            timer.start()
            for _ in range(steps):
                step(model)
            timer.join()
        except KeyboardInterrupt:
            hits += 1
        timer.join()
        for ours, theirs in zip(state(model), path[int(model.optimizer.iterations.numpy())]):
            np.testing.assert_array_equal(ours, theirs)
    assert hits == 12


def a_model(**options):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(2)])
    model.compile(keras.optimizers.Adam(0.1, use_ema=True), "mse", metrics=["mae"], **options)
    model.optimizer.build(model.trainable_variables)
    return model


def other_values(variables):
    return [np.full(v.shape, 1 + i, v.dtype) for i, v in enumerate(variables)]


def load_of(suffix):
    def load(model, folder):
        path = str(folder / f"other{suffix}")
        other = a_model()
        other.set_weights(other_values(other.weights))
        other.save_weights(path) if suffix != ".h5" else other.save(path)
        return lambda: model.load_weights(path)

    return load


X, Y = np.arange(6, dtype="float32").reshape(2, 3), np.ones((2, 2), "float32")


def adapt(model, folder):
    model.added = keras.layers.Normalization()
    model.added.build((None, 3))
    return lambda: model.added.adapt(X)


def swap(model, folder):
    callback = keras.callbacks.SwapEMAWeights()
    callback.set_model(model)
    model.optimizer.apply([np.ones(v.shape, "float32") for v in model.trainable_variables])
    return callback.on_test_begin


def reset(model, folder):
    model.evaluate(X, Y, verbose=0)
    return model.metrics[-1].reset_state


SEVERAL = {  # a function of a model and a folder that gives one that sets several Variables
    "set_weights": lambda m, _: lambda: m.set_weights(other_values(m.weights)),
    "load_weights": load_of(".weights.h5"),
    "load_weights of Keras 2": load_of(".h5"),
    "load_own_variables": lambda m, _: (
        lambda: m.layers[0].load_own_variables({str(i): x for i, x in enumerate(other_values(m.layers[0].weights))})
    ),
    "set_state_tree": lambda m, _: (
        lambda: m.set_state_tree(keras.tree.map_structure(lambda x: np.asarray(x) + 1, m.get_state_tree("numpy_array")))
    ),
    "batch_set_value": lambda m, _: (
        lambda: keras.backend.batch_set_value(list(zip(m.weights, other_values(m.weights))))
    ),
    "optimizer.apply": lambda m, _: lambda: m.optimizer.apply(other_values(m.trainable_variables)),
    "optimizer.load_own_variables": lambda m, _: (
        lambda: m.optimizer.load_own_variables({str(i): x for i, x in enumerate(other_values(m.optimizer.variables))})
    ),
    "averages": lambda m, _: lambda: m.optimizer.finalize_variable_values(m.trainable_variables),
    "swapped averages": swap,
    "an eager step": lambda m, _: lambda: m.make_train_function()(X, Y, None),
    "adapt": adapt,
    "reset_state": reset,
}


@pytest.mark.parametrize("kind", SEVERAL)
def test_what_sets_several_variables_sets_all(kind, tmp_path, monkeypatch):
    device = keras.backend.device()
    calls = []

    def act(interrupted_at):
        model = a_model(run_eagerly=kind == "an eager step")
        set_several = SEVERAL[kind](model, tmp_path)
        calls.clear()

        def counted(write):
            def write_and_count(*args):
                write(*args)
                calls.append(args)
                if len(calls) == interrupted_at:
                    signal.raise_signal(signal.SIGINT)

            return write_and_count

        with monkeypatch.context() as patched:
            patched.setattr(device, "copy_into", counted(device.copy_into))
            patched.setattr(Stored, "fill", counted(Stored.fill))
            if interrupted_at:
                with pytest.raises(KeyboardInterrupt):
                    set_several()
            else:
                set_several()
        variables = [*model.variables, *model.optimizer.variables]
        return [keras.ops.convert_to_numpy(v) for v in variables + getattr(model, "added", model).weights]

    expected = act(None)
    count = len(calls)
    assert count > 1
    for place in {1, 2, (count + 1) // 2, count - 1, count} - {0}:
        for ours, theirs in zip(act(place), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_a_handler_that_a_debugger_puts_back_lets_signals_through():
    """`pdb` keeps the handler that it finds when a program goes on, and sets it again when it stops."""
    kept = []
    undivided(lambda: kept.append(signal.getsignal(signal.SIGINT)))()
    before = signal.signal(signal.SIGINT, kept[0])
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
