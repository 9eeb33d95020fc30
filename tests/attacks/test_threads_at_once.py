"""Threads that predict, train, save, load and compile at once: nobody's numbers are another's."""

import threading
import time

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers
from tests.attacks.sizes import chance, size

pytestmark = pytest.mark.slow
X = np.random.default_rng(0).normal(size=(64, 12)).astype("float32")
Y = X[:, :1] * 2


def made(width=24):
    keras.utils.set_random_seed(1)
    body = [layers.Dense(width, "gelu"), layers.LayerNormalization(), layers.Dense(width, "tanh"), layers.Dense(1)]
    model = keras.Sequential([keras.Input((12,)), *body])
    model.compile("adam", "mse")
    return model


class Threads:
    """Functions of a random.Random, each called over and over by a thread of its own until the time is over."""

    def __init__(self, seconds):
        self.until, self.calls, self.errors, self.threads = time.monotonic() + seconds, 0, [], []

    def run(self, *functions):
        for place, function in enumerate(functions):
            self.threads.append(threading.Thread(target=self._repeat, args=(function, chance("threads", place))))
        for thread in self.threads:
            thread.start()
        for thread in self.threads:
            thread.join(timeout=max(0, self.until - time.monotonic()) + 60)
        assert not any(thread.is_alive() for thread in self.threads), "a thread hangs"
        assert not self.errors, self.errors[:3]

    def _repeat(self, function, draw):
        while time.monotonic() < self.until and not self.errors:
            try:
                function(draw)
                self.calls += 1
            except BaseException as error:
                self.errors.append(f"{function.__name__}: {type(error).__name__}: {error}")


def test_one_model_predicts_in_many_threads(strikes):
    """Of many batch sizes, some of them new: each thread's rows are its own."""
    model = made()
    right = model.predict(X, verbose=0)

    def predicts(draw):
        first = draw.randrange(60)
        rows = slice(first, first + draw.randint(1, 64 - first))
        found = model.predict(X[rows], batch_size=draw.choice((1, 7, 32)), verbose=0)
        np.testing.assert_allclose(found, right[rows], rtol=1e-5, atol=1e-6)

    def calls(draw):
        np.testing.assert_allclose(np.asarray(model(X)), right, rtol=1e-5, atol=1e-6)

    threads = Threads(size("threads", 2))
    threads.run(predicts, predicts, predicts, calls)
    strikes("threads", predictions_at_once=threads.calls, wrong=0)


def test_models_of_their_own_predict_train_and_save_at_once(tmp_path, strikes):
    """A thread that trains gives the bits of one that trains alone, whatever the others do."""
    alone = made()
    alone.fit(X, Y, epochs=3, batch_size=16, shuffle=False, verbose=0)
    right = alone.get_weights()
    start = made().get_weights()
    shared = made()
    prediction = shared.predict(X, verbose=0)
    trained = [made(), made()]
    turn = threading.Lock()

    def trains(which):
        def run(draw):
            model = trained[which]
            model.set_weights(start)
            for variable in model.optimizer.variables[2:]:
                variable.assign(np.zeros(variable.shape, variable.dtype))
            model.optimizer.iterations.assign(0)
            model.fit(X, Y, epochs=3, batch_size=16, shuffle=False, verbose=0)
            for ours, theirs in zip(model.get_weights(), right, strict=True):
                np.testing.assert_array_equal(ours, theirs)

        return run

    def predicts(draw):
        np.testing.assert_allclose(shared.predict(X, verbose=0), prediction, rtol=1e-5, atol=1e-6)

    def saves(draw):
        path = str(tmp_path / f"{threading.get_ident()}{draw.choice(('.keras', '.h5'))}")
        shared.save(path)
        loaded = keras.models.load_model(path)
        for ours, theirs in zip(loaded.get_weights(), shared.get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)

    def builds(draw):
        with turn:  # the seed of the process is one
            model = made(draw.randint(3, 30))
        assert np.isfinite(model.evaluate(X, Y, verbose=0))

    threads = Threads(size("threads", 2))
    threads.run(trains(0), trains(1), predicts, saves, saves, builds)
    strikes("threads", mixed_calls_at_once=threads.calls, wrong=0)


def digest(weights):
    return hash(b"".join(w.tobytes() for w in weights))


def test_one_model_is_trained_by_one_thread_and_used_by_others(tmp_path, strikes):
    """What is saved meanwhile is the model after some step, and the training is undisturbed."""
    model, saves = made(), 8 * size("threads")
    model.train_on_batch(X, Y)  # compiled by now
    states, found = {digest(model.get_weights())}, []

    def trains(draw):
        model.train_on_batch(X, Y)
        states.add(digest(model.get_weights()))

    def predicts(draw):
        assert np.all(np.isfinite(model.predict(X, verbose=0)))

    def saves_it(draw):
        name = str(tmp_path / "m.keras")
        model.save(name)
        found.append(digest(keras.models.load_model(name).get_weights()))
        if len(found) == saves:
            threads.until = 0

    threads = Threads(600)
    threads.run(trains, predicts, saves_it)
    torn = sum(state not in states for state in found)
    strikes("threads", saves_while_training=len(found), different=len(set(found)), of_two_steps=torn)
    alone = made()
    for _ in range(int(model.optimizer.iterations.numpy())):
        alone.train_on_batch(X, Y)
    for ours, theirs in zip(model.get_weights(), alone.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert not torn
