"""ModelCheckpoint into every format: the file opens, and is that of the epoch that it says."""

import os

import keras as oracle
import numpy as np
import pytest

import kerasish as keras

X = np.random.default_rng(0).standard_normal((12, 3)).astype("float32")
Y = X[:, :1] * 2.0
MODELS, WEIGHTS = (".keras", ".h5", ".hdf5"), (".weights.h5", ".weights.json", ".safetensors")


def build(k=keras):
    model = k.Sequential(
        [k.Input((3,), name="in"), k.layers.Dense(4, name="first"), k.layers.Dense(1, name="last")], name="checked"
    )
    model.compile(k.optimizers.SGD(0.05), "mse")
    return model


class Remember(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.weights = []

    def on_epoch_end(self, epoch, logs=None):
        self.weights.append(self.model.get_weights())


def train(path, **arguments):
    model, remember = build(), Remember()
    save = keras.callbacks.ModelCheckpoint(path, **arguments)
    model.fit(X, Y, epochs=3, batch_size=6, verbose=0, callbacks=[save, remember])
    return remember.weights


def equal(model, weights):
    for one, other in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(np.asarray(one), other)


@pytest.mark.parametrize("ending", MODELS)
def test_whole_models(ending, tmp_path):
    epochs = train(str(tmp_path / ("deep/er/{epoch}" + ending)))
    assert sorted(os.listdir(tmp_path / "deep" / "er")) == [f"{epoch}{ending}" for epoch in (1, 2, 3)]
    for epoch, weights in enumerate(epochs, 1):
        path = str(tmp_path / "deep" / "er" / f"{epoch}{ending}")
        loaded = keras.models.load_model(path)
        equal(loaded, weights)
        assert int(loaded.optimizer.iterations) == 2 * epoch
    equal(oracle.models.load_model(path), epochs[-1])


@pytest.mark.parametrize("ending", WEIGHTS)
def test_weights_alone(ending, tmp_path):
    epochs = train(str(tmp_path / ("{epoch}" + ending)), save_weights_only=True)
    for epoch, weights in enumerate(epochs, 1):
        model = build()
        model.load_weights(str(tmp_path / f"{epoch}{ending}"))
        equal(model, weights)
    if ending != ".safetensors":
        model = build(oracle)
        model.load_weights(str(tmp_path / f"3{ending}"))
        equal(model, epochs[-1])


@pytest.mark.parametrize("ending", [*MODELS, *WEIGHTS])
def test_one_path_is_overwritten_and_the_best_is_kept(ending, tmp_path):
    path = str(tmp_path / ("best" + ending))
    epochs = train(path, save_weights_only=ending in WEIGHTS, save_best_only=True, monitor="loss")
    model = build()
    if ending in WEIGHTS:
        model.load_weights(path)
    else:
        model = keras.models.load_model(path)
    equal(model, epochs[-1])  # the loss falls in each epoch
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".part")]


@pytest.mark.parametrize(
    "path, weights_only, message",
    [
        ("a.h5", True, "must end in `.weights.h5`"),
        ("a.keras", True, "must end in `.weights.h5`"),
        ("a.json", True, "must end in `.weights.h5`"),
        ("a.weights.json", False, "save_weights_only=True"),
        ("a.safetensors", False, "save_weights_only=True"),
        ("a.weights.h5", False, "save_weights_only=True"),
        ("a", False, "must end in `.keras`"),
        ("a.tf", False, "must end in `.keras`"),
        ("a.ckpt", True, "must end in `.weights.h5`"),
    ],
)
def test_other_endings_are_refused_by_the_constructor(path, weights_only, message):
    with pytest.raises(ValueError, match=f"{message}(.|\n)*filepath={path}"):
        keras.callbacks.ModelCheckpoint(path, save_weights_only=weights_only)
