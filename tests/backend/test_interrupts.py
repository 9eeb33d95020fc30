"""A step is all or nothing: an interrupt that comes inside is raised at its end."""

import signal
import threading

import numpy as np
import pytest

import kerasish as keras
from kerasish.backend import interrupts
from kerasish.backend.interrupts import undivided
from kerasish.backend.numpy.native import available

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
