"""Models that are pickled and deep-copied, whatever they have done.

The copy goes on as the original would, and apart from it.
"""

import copy
import pickle

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers

RNG = np.random.default_rng(0)
X = RNG.standard_normal((48, 4)).astype("float32")
Y = X.sum(1, keepdims=True)


class Subclassed(keras.Model):
    """Layers as attributes, a `call` of its own."""

    def __init__(self):
        super().__init__()
        self.first, self.norm, self.last = layers.Dense(6, "relu"), layers.BatchNormalization(), layers.Dense(1)

    def call(self, x, training=None):
        return self.last(self.norm(self.first(x), training=training))


class FromTensors(keras.Model):
    """A user's class of a functional model."""

    def __init__(self, units=5):
        inputs = keras.Input((4,))
        super().__init__(inputs, layers.Dense(1)(layers.Dense(units, "tanh")(inputs)))


def functional():
    inputs = keras.Input((4,))
    shared = layers.Dense(5, kernel_regularizer="l2", kernel_constraint="max_norm")
    x = shared(inputs) * 2.0
    x = layers.Concatenate()([shared(layers.Dense(4)(x)), layers.Dropout(0.3)(x)])
    return keras.Model(inputs, layers.Dense(1)(x))


def sequential():
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Reshape((4, 1)),
            layers.LSTM(3),
            layers.Dropout(0.5),
            layers.BatchNormalization(),
            layers.Dense(1),
        ]
    )


def nested():
    return keras.Sequential([keras.Input((4,)), functional(), layers.Dense(1)])


BUILDERS = [functional, sequential, Subclassed, FromTensors, nested]
WAYS = {"pickle": lambda model: pickle.loads(pickle.dumps(model)), "deepcopy": copy.deepcopy}


def made(build, eager=False):
    keras.utils.set_random_seed(1)
    model = build()
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"], run_eagerly=eager)
    return model


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("build", BUILDERS)
def test_a_copy_predicts_trains_and_saves_as_the_original_and_apart_from_it(build, way, tmp_path):
    model = made(build)
    model.fit(X, Y, epochs=2, validation_split=0.25, verbose=0)
    model.evaluate(X, Y, verbose=0)
    expected = model.predict(X, verbose=0)
    twin = way(model)
    assert type(twin) is type(model) and len(twin.weights) == len(model.weights)
    assert np.array_equal(twin.predict(X, verbose=0), expected)
    before = twin.get_weights()
    history = model.fit(X, Y, epochs=2, shuffle=False, verbose=0).history
    assert all(np.array_equal(a, b) for a, b in zip(before, twin.get_weights()))  # apart
    assert (
        twin.fit(X, Y, epochs=2, shuffle=False, verbose=0).history == history
    )  # with its own Adam, metrics and random states
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), twin.get_weights()))
    assert not all(np.array_equal(a, b) for a, b in zip(before, twin.get_weights()))
    assert twin.get_config() == model.get_config()
    twin.save_weights(tmp_path / "twin.weights.h5")
    model.load_weights(tmp_path / "twin.weights.h5")


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("state", ["new", "predicted", "compiled", "eager"])
@pytest.mark.parametrize("build", [functional, sequential, Subclassed])
def test_a_model_is_copied_in_any_state(build, state, way):
    model = made(build, state == "eager") if state in ("compiled", "eager") else build()
    if state == "eager":
        model.fit(X, Y, verbose=0)
    elif state != "new":
        model.predict(X, verbose=0)
    twin = way(model)
    if state == "new":
        model(X), twin(X)
        twin.set_weights(model.get_weights())
    assert twin.compiled is model.compiled
    assert np.array_equal(twin.predict(X, verbose=0), model.predict(X, verbose=0))


def deep():
    x = inputs = keras.Input((2,))
    for _ in range(300):
        x = layers.Dense(2)(x)
    return keras.Model(inputs, x)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(
    "build",
    [
        deep,
        lambda: keras.Sequential([keras.Input((2,)), *[layers.Dense(2) for _ in range(300)]]),
        lambda: keras.Sequential([keras.Input((2,)), deep()]),
    ],
)
def test_a_deep_model_is_copied_without_deep_recursion(build, way):
    model = build()
    twin = way(model)
    assert len(twin.layers) == len(model.layers) and twin.get_config() == model.get_config()
    twin.set_weights(model.get_weights())
    assert keras.Model(twin.inputs, twin.outputs[0])(X[:, :2]).shape == (48, 2)


def test_copies_hold_no_compiled_steps():
    model = made(functional)
    model.fit(X, Y, verbose=0)
    twin = copy.copy(model)
    assert twin._functions == {} and model._functions
    assert len(pickle.dumps(model)) < 50_000
