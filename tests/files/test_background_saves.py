"""Saves in a thread: a file holds the values of the moment when it was asked for, whatever training does then."""

import os
import threading

import numpy as np
import pytest

import kerasish as keras
from kerasish.files import background

X = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
Y = X[:, :1] * 2
ENDINGS = [".keras", ".h5", ".weights.h5", ".weights.json", ".safetensors"]


def model():
    made = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.BatchNormalization()])
    made.add(keras.layers.Dense(1))
    made.compile("adam", "mse")
    made.train_on_batch(X, Y)
    return made


@pytest.fixture
def held(monkeypatch):
    """An event: what is saved in a thread waits for it before the first byte."""
    gate, real = threading.Event(), background.context.scope

    def waiting(**options):
        if "values_then" in options:
            assert gate.wait(30)
        return real(**options)

    monkeypatch.setattr(background.context, "scope", waiting)
    yield gate
    gate.set()


def is_of_weights(ending):
    return ending.startswith((".weights", ".safe"))


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_format_holds_the_values_of_then(tmp_path, held, ending):
    ours, path = model(), tmp_path / f"m{ending}"
    then, rate = ours.get_weights(), float(ours.optimizer.learning_rate)
    state = [variable.numpy() for variable in ours.optimizer.variables]
    saving = ours.save_in_background(path, weights_only=is_of_weights(ending))
    ours.optimizer.learning_rate = 0.5
    for _ in range(3):  # steps don't wait
        ours.train_on_batch(X, Y)
    now = ours.get_weights()
    assert not saving.done and not path.exists()
    held.set()
    saving.wait()
    assert saving.done
    if is_of_weights(ending):
        again = model()
        again.load_weights(path)
    else:
        again = keras.models.load_model(path)
        assert np.isclose(float(again.optimizer.learning_rate), rate)
        for variable, value in zip(again.optimizer.variables, state, strict=True):
            assert np.allclose(variable.numpy(), value)
    assert all(np.array_equal(a, b) for a, b in zip(again.get_weights(), then, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(ours.get_weights(), now, strict=True))


def test_errors_are_told_by_wait(tmp_path):
    saving = model().save_in_background(tmp_path / "m.docx")
    with pytest.raises(ValueError, match="must end in"):
        saving.wait()
    saving.wait()  # once


@pytest.mark.parametrize("weights", [False, True])
def test_model_checkpoint(tmp_path, weights):
    paths, seen = str(tmp_path / ("{epoch}" + (".weights.h5" if weights else ".keras"))), []
    checkpoint = keras.callbacks.ModelCheckpoint(
        paths, save_weights_only=weights, background=True, max_to_keep=2, monitor="loss"
    )
    remember = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(ours.get_weights()))
    ours = model()
    ours.fit(X, Y, epochs=4, verbose=0, callbacks=[checkpoint, remember])
    assert sorted(os.listdir(tmp_path)) == [os.path.basename(paths.format(epoch=epoch)) for epoch in (3, 4)]
    for epoch in (3, 4):
        again = model()
        again.load_weights(paths.format(epoch=epoch))
        assert all(np.array_equal(a, b) for a, b in zip(again.get_weights(), seen[epoch - 1], strict=True))
    assert not [thread for thread in threading.enumerate() if thread.name == "kerasish save"]


def test_a_checkpoint_that_fails_is_told(tmp_path, monkeypatch):
    ours = model()
    checkpoint = keras.callbacks.ModelCheckpoint(str(tmp_path / "{epoch}.keras"), background=True)

    def broken(*args, **kwargs):
        raise OSError("the disk is full")

    monkeypatch.setattr(ours, "save", broken)
    with pytest.raises(OSError, match="the disk is full"):
        ours.fit(X, Y, epochs=1, verbose=0, callbacks=[checkpoint])


def test_only_the_best_in_the_background(tmp_path):
    checkpoint = keras.callbacks.ModelCheckpoint(
        str(tmp_path / "best.keras"), monitor="loss", save_best_only=True, background=True
    )
    history = model().fit(X, Y, epochs=3, verbose=0, callbacks=[checkpoint])
    assert np.isclose(checkpoint.best, min(history.history["loss"]))
    assert keras.models.load_model(tmp_path / "best.keras").built
