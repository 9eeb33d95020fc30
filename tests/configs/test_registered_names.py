"""What a name means when a user's object is registered under one that the library has too."""

import numpy as np
import pytest

import kerasish as keras
from kerasish.configs import registration

X = np.array([[-1.0, 2.0]], "float32")


@pytest.fixture(autouse=True)
def registered():
    """A function, a layer, a loss and an initializer of the user's, under names of the library's."""
    before = dict(registration._REGISTERED), dict(registration._NAMES)

    def relu(x):
        return x * 100.0

    def mse(y_true, y_pred):
        return y_pred * 0.0 + 7.0

    class Dense(keras.layers.Layer):
        def call(self, x):
            return x * 5.0

    class Zeros(keras.initializers.Initializer):
        def __call__(self, shape, dtype=None):
            return keras.ops.ones(shape, dtype) * 9.0

    items = {item.__name__: item for item in (relu, mse, Dense, Zeros)}
    for item in items.values():
        keras.saving.register_keras_serializable("pkg")(item)
    yield items
    for place, held in zip((registration._REGISTERED, registration._NAMES), before):
        place.clear()
        place.update(held)


def test_a_plain_string_means_the_built_in(registered):
    assert keras.activations.get("relu") is keras.activations.relu
    assert keras.activations.deserialize("relu") is keras.activations.relu
    assert keras.layers.Activation("relu")(X).tolist() == [[0.0, 2.0]]
    assert keras.losses.get("mse") is not registered["mse"]
    assert not np.any(keras.layers.Dense(2, kernel_initializer="zeros")(X))
    assert type(keras.initializers.get("Zeros")) is keras.initializers.Zeros


def test_a_config_of_keras_means_the_built_in(registered):
    for config in (
        {"module": "keras.layers", "class_name": "Dense", "config": {"units": 3}, "registered_name": None},
        {"module": "keras.layers", "class_name": "Dense", "config": {"units": 3}, "registered_name": "Dense"},
        {"class_name": "Dense", "config": {"units": 3}},
    ):
        assert type(keras.layers.deserialize(config)) is keras.layers.Dense, config
    function = {"module": "builtins", "class_name": "function", "config": "relu", "registered_name": "function"}
    assert keras.activations.deserialize(function) is keras.activations.relu
    assert keras.saving.deserialize_keras_object(function) is keras.activations.relu


def test_a_file_of_built_ins_loads_as_it_was_saved(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, activation="relu")])
    model.compile("sgd", "mse")
    for name in ("m.keras", "m.h5"):
        model.save(tmp_path / name)
        loaded = keras.models.load_model(tmp_path / name)
        assert type(loaded.layers[-1]) is keras.layers.Dense
        assert np.array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))
        target = np.zeros((1, 3), "float32")
        assert loaded.evaluate(X, target, verbose=0) == model.evaluate(X, target, verbose=0)


def test_the_packages_prefix_means_the_users(registered):
    assert keras.activations.get("pkg>relu") is registered["relu"]
    layer = keras.layers.Activation(registered["relu"])
    again = keras.layers.deserialize(keras.layers.serialize(layer))
    assert again.activation is registered["relu"]
    config = keras.layers.serialize(registered["Dense"]())
    assert type(keras.layers.deserialize(config)) is registered["Dense"]


def test_custom_objects_mean_the_users(registered):
    with keras.saving.custom_object_scope({"relu": registered["relu"]}):
        assert keras.activations.get("relu") is registered["relu"]
    config = {"module": "keras.layers", "class_name": "Dense", "config": {}, "registered_name": None}
    found = keras.layers.deserialize(config, custom_objects={"Dense": registered["Dense"]})
    assert type(found) is registered["Dense"]


def test_another_module_never_means_the_built_in():
    config = {"module": "their.losses", "class_name": "function", "config": "hinge", "registered_name": "hinge"}
    with pytest.raises(ValueError, match="Can't find the function 'hinge'"):
        keras.losses.deserialize(config)


def test_a_registered_name_that_is_nobody_elses_needs_no_prefix():
    @keras.saving.register_keras_serializable("pkg")
    def all_of_our_own(x):
        return x

    assert keras.activations.get("all_of_our_own") is all_of_our_own
