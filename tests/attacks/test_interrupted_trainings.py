"""Ctrl-C at any moment of a training: every weight, slot and counter is that of one step, and training goes on."""

import itertools
import signal
import threading

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers
from kerasish.backend.interrupts import undivided
from kerasish.backend.numpy.native import available
from tests.attacks.sizes import chance, size

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals are sent to a thread"),
]

STEPS, ROWS = 30, 8


def recurrent():
    return [keras.Input((20,), dtype="int32"), layers.Embedding(200, 16), layers.LSTM(16), layers.Dense(1)], "adam"


def convolutional():
    body = [layers.Conv2D(6, 3, activation="relu"), layers.BatchNormalization(), layers.Flatten(), layers.Dropout(0.2)]
    return [keras.Input((8, 8, 1)), *body, layers.Dense(1)], "rmsprop"


def deep():
    return [keras.Input((16,)), *(layers.Dense(16, "gelu") for _ in range(6)), layers.Dense(1)], "adam"


class Steps:
    """A model that takes the same steps each time, and what its state is after every one."""

    def __init__(self, made):
        keras.utils.set_random_seed(0)
        body, optimizer = made()
        self.model = keras.Sequential(body)
        self.model.compile(optimizer, "mse")
        random, shape = np.random.default_rng(0), (STEPS, ROWS, *self.model.input_shape[1:])
        self.x = random.integers(0, 200, shape) if made is recurrent else random.normal(size=shape).astype("float32")
        self.y = random.normal(size=(STEPS, ROWS, 1)).astype("float32")
        self.model.optimizer.build(self.model.trainable_variables)
        self.first = self.state()
        self.path = [self.first]
        for _ in range(STEPS):
            self.step()
            self.path.append(self.state())

    def variables(self):
        metrics = {id(v) for v in self.model.metrics_variables}
        return [*(v for v in self.model.variables if id(v) not in metrics), *self.model.optimizer.variables]

    def state(self):
        return [np.array(v) for v in self.variables()]

    def taken(self):
        return int(self.model.optimizer.iterations.numpy())

    def step(self):
        k = self.taken()
        self.model.train_on_batch(self.x[k], self.y[k])

    def fit(self):
        """From where it stands to the end, in one call: the loop of `fit` is interrupted between the steps, too."""
        k = self.taken()
        x, y = (values[k:].reshape(-1, *values.shape[2:]) for values in (self.x, self.y))
        self.model.fit(x, y, batch_size=ROWS, shuffle=False, verbose=0)

    def back(self):
        """To the start, as one deed: it is no step of a training."""

        def all_of_it():
            for variable, value in zip(self.variables(), self.first, strict=True):
                variable.assign(value)

        undivided(all_of_it)()

    def is_torn(self):
        return any(not np.array_equal(a, b) for a, b in zip(self.state(), self.path[self.taken()], strict=True))


@pytest.fixture(params=[True, False], ids=["native", "plain"])
def steps_as(request):
    """Steps in native code, then each one as calls of NumPy, between which Python looks for signals."""
    before = available.use(request.param)
    yield
    available.use(before)


@pytest.mark.parametrize("made", [recurrent, convolutional, deep], ids=lambda made: made.__name__)
def test_interrupted_trainings(made, steps_as, strikes):
    training, interrupts, torn, numbers = Steps(made), size("interrupts", 6), 0, set()
    main = threading.main_thread().ident
    for number in range(interrupts):
        draw = chance(f"interrupts {made.__name__}", number)
        timer = threading.Timer(draw.uniform(0.0005, 0.03), signal.pthread_kill, (main, signal.SIGINT))
        by_fit = draw.random() < 0.3
        try:
            timer.start()
            for _ in itertools.count():
                if training.taken() == STEPS:
                    training.back()
                training.fit() if by_fit else training.step()
        except KeyboardInterrupt:
            pass
        timer.join()
        torn += training.is_torn()
        numbers.add(training.taken())
    while training.taken() < STEPS:
        training.step()
    strikes("interrupts", interrupts=interrupts, steps_torn=torn)
    assert not torn and not training.is_torn()
    assert len(numbers) > 1, "they came at one place"
