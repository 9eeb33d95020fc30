"""Weights that tf_keras (Keras 2.12 to 2.15, and after) wrote.

".keras" archives and ".weights.h5", whose objects are found by another walk through the model.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import numpy as np
import pytest
import tf_keras

import kerasish as keras

X = np.random.default_rng(0).standard_normal((8, 6)).astype("float32")
Y = X[:, :1] * 2.0


def stacked(k):
    layers = [
        k.layers.Dense(5, "relu"),
        k.layers.BatchNormalization(),
        k.layers.Dropout(0.0),
        k.layers.Dense(5),
        k.layers.LayerNormalization(),
        k.layers.Dense(1),
    ]
    return k.Sequential([k.Input((6,)), *layers])


def recurrent(k):
    x = inputs = k.Input((6,))
    x = k.layers.Reshape((3, 2))(x)
    x = k.layers.Bidirectional(k.layers.LSTM(2, return_sequences=True))(x)
    x = k.layers.TimeDistributed(k.layers.Dense(2))(x)
    x = k.layers.RNN([k.layers.LSTMCell(2), k.layers.GRUCell(2)])(x)
    inner = k.Sequential([k.Input((2,)), k.layers.Dense(3), k.layers.Dense(2)])
    return k.Model(inputs, k.layers.Dense(1)(inner(x)))


def images(k):
    x = inputs = k.Input((6,))
    x = k.layers.Reshape((3, 2, 1))(x)
    x = k.layers.SeparableConv2D(3, 2, padding="same")(k.layers.Conv2D(2, 2, padding="same")(x))
    shared = k.layers.DepthwiseConv2D(2, padding="same")
    x = k.layers.Add()([shared(x), shared(x)])
    return k.Model(inputs, k.layers.Dense(1)(k.layers.GlobalAveragePooling2D()(x)))


def attending(k):
    x = inputs = k.Input((6,))
    x = k.layers.Reshape((3, 2))(x)
    x = k.layers.MultiHeadAttention(2, 2)(x, x)
    return k.Model(inputs, k.layers.Dense(1)(k.layers.Flatten()(x)))


def subclassed(k):
    class Parts(k.Model):
        def __init__(self):
            super().__init__()
            self.zed, self.first, self._hidden = k.layers.Dense(5), k.layers.Dense(4), k.layers.Dense(3)
            self.blocks = [k.layers.Dense(3), k.layers.Dense(2), k.layers.Dense(1)]

        def call(self, x):
            x = self._hidden(self.first(self.zed(x)))
            for block in self.blocks:
                x = block(x)
            return x

    model = Parts()
    model(X)
    return model


def outputs(model):
    return np.asarray(model.predict(X, verbose=0))


@pytest.mark.parametrize("name", ["m.keras", "m.weights.h5"])
@pytest.mark.parametrize("build", [stacked, recurrent, images, attending, subclassed])
def test_models_load_and_go_on_training(build, name, tmp_path):
    theirs, ours = build(tf_keras), build(keras)
    for k, model in ((tf_keras, theirs), (keras, ours)):
        model.compile(k.optimizers.Adam(0.01), "mse", metrics=["mae"])
    for _ in range(3):
        theirs.train_on_batch(X, Y)
    path = str(tmp_path / name)
    theirs.save(path) if name.endswith(".keras") else theirs.save_weights(path)
    ours.load_weights(path)
    np.testing.assert_allclose(outputs(ours), outputs(theirs), rtol=1e-4, atol=1e-5)
    assert int(ours.optimizer.iterations) == 3
    for model in (theirs, ours):
        model.train_on_batch(X, Y)
    np.testing.assert_allclose(outputs(ours), outputs(theirs), rtol=1e-3, atol=1e-4)


OPTIMIZERS = {
    "adam": lambda o: o.Adam(0.01, amsgrad=True),
    "sgd": lambda o: o.SGD(0.01),
    "momentum": lambda o: o.SGD(0.01, momentum=0.9, nesterov=True),
    "rmsprop": lambda o: o.RMSprop(0.01, momentum=0.5, centered=True),
    "adagrad": lambda o: o.Adagrad(0.1),
    "adadelta": lambda o: o.Adadelta(0.1),
    "adamax": lambda o: o.Adamax(0.01),
    "ftrl": lambda o: o.Ftrl(0.1),
    "adamw": lambda o: o.AdamW(0.01),
    "lion": lambda o: o.Lion(0.01),
    "adafactor": lambda o: o.Adafactor(0.01),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_state_of_every_optimizer(name, tmp_path):
    def build(k):
        model = k.Sequential([k.Input((6,)), k.layers.Dense(4), k.layers.Dense(1)])
        model.compile(OPTIMIZERS[name](k.optimizers), "mse")
        return model

    theirs, ours = build(tf_keras), build(keras)
    for _ in range(3):
        theirs.train_on_batch(X, Y)
    path = str(tmp_path / "m.keras")
    theirs.save(path)
    ours.load_weights(path)
    slots = [np.asarray(v) for v in theirs.optimizer.variables]
    own = [v.numpy() for v in ours.optimizer.variables if v.name != "learning_rate"]
    own = own[:1] + [
        value for value in own[1:] if value.shape
    ]  # without Adafactor's placeholders; without momentum SGD needs no slots here
    for one, other in zip(slots, own, strict=name != "sgd"):
        np.testing.assert_array_equal(np.asarray(one).astype("float64"), other.astype("float64"))
    for model in (theirs, ours):
        model.train_on_batch(X, Y)
    np.testing.assert_allclose(outputs(ours), outputs(theirs), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("twice", [False, True], ids=["counted_once", "counted_twice"])
@pytest.mark.parametrize("separator", ["/", "\\"], ids=["linux", "windows"])
def test_the_layout_of_tensorflow_2_12(separator, twice, tmp_path):
    """Built by hand from the layout.

    Layers stand under `_layer_checkpoint_dependencies`, a first version counted each layer with weights twice, and
    Windows joined names by a backslash.
    """
    ours = stacked(keras)
    path = str(tmp_path / "m.weights.h5")
    rng = np.random.default_rng(5)
    numbers = {"dense": 0, "batch_normalization": 0, "layer_normalization": 0}
    expected = []
    with h5py.File(path, "w") as file:
        file.create_group("vars")
        for layer in ours.layers:
            if not layer.weights:
                continue
            base = {
                "Dense": "dense",
                "BatchNormalization": "batch_normalization",
                "LayerNormalization": "layer_normalization",
            }[type(layer).__name__]
            number = numbers[base]
            numbers[base] += 2 if twice else 1
            name = f"{base}_{number}" if number else base
            group = file.create_group(separator.join(["_layer_checkpoint_dependencies", name])).create_group("vars")
            for index, weight in enumerate(layer.weights):
                expected.append(rng.uniform(0.5, 1.5, weight.shape).astype("float32"))
                group.create_dataset(str(index), data=expected[-1])
    ours.load_weights(path)
    for one, other in zip(ours.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_backslashes_of_windows_in_later_files(tmp_path):
    ours = stacked(keras)
    ours.save_weights(tmp_path / "m.weights.h5")
    with h5py.File(tmp_path / "m.weights.h5") as source, h5py.File(tmp_path / "w.weights.h5", "w") as target:
        target.create_group("vars")
        for name in source["layers"]:
            source.copy(source["layers"][name], target, f"layers\\{name}")
            del target[f"layers\\{name}"]["vars"].attrs["name"]
    other = stacked(keras)
    other.load_weights(tmp_path / "w.weights.h5")
    for one, two in zip(ours.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
