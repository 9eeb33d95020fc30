"""Calls that make no sense are refused in words that say what was meant."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers

X, Y = np.ones((8, 4), "float32"), np.ones((8, 1), "float32")


def compiled(units=1, activation=None, loss="mse"):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(units, activation)])
    model.compile("sgd", loss)
    return model


class ReturnsNothing(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(1)

    def call(self, x):
        self.dense(x)


class NeverInitialized(keras.Model):
    def __init__(self):
        self.units = 3


@pytest.mark.parametrize("frequency", [0, -1, 0.5, False, "every"])
def test_validation_freq_counts_epochs(frequency):
    with pytest.raises(ValueError, match="`validation_freq` must be an int from 1"):
        compiled().fit(X, Y, validation_data=(X, Y), validation_freq=frequency, verbose=0)


def test_validation_data_has_three_parts_at_most():
    with pytest.raises(ValueError, match=r"`validation_data` must be \(x, y\).*a tuple of 4"):
        compiled().fit(X, Y, validation_data=(X, Y, None, None), verbose=0)


@pytest.mark.parametrize("query", [np.ones((2, 3, 4), "float32"), keras.Input((3, 4))], ids=["values", "symbolic"])
def test_a_missing_argument_of_a_call_is_named(query):
    with pytest.raises(TypeError, match=r"without `value`: MultiHeadAttention takes \(query, value\)"):
        layers.MultiHeadAttention(2, 2)(query)


def test_a_call_that_returns_nothing():
    model = ReturnsNothing()
    model.compile("sgd", "mse")
    for use in (lambda: model.fit(X, Y, verbose=0), lambda: ReturnsNothing()(keras.Input((4,)))):
        with pytest.raises(ValueError, match="`call` of ReturnsNothing .*returned None"):
            use()


def test_a_model_that_did_not_call_super_init():
    with pytest.raises(RuntimeError, match=r"'NeverInitialized', call `super\(\).__init__\(\)` first"):
        NeverInitialized().compile("sgd", "mse")


def test_layers_of_sequential_stand_in_a_list():
    with pytest.raises(ValueError, match=r"in one list.*Sequential\(\[first, second\]\)"):
        keras.Sequential(layers.Dense(3), layers.Dense(3))


def test_labels_that_are_nan_are_called_so():
    labels = np.array([0, 1, np.nan, 2, 0, np.nan, 2, 0], "float32")
    with pytest.raises(ValueError, match="2 of 8 are NaN"):
        compiled(3, "softmax", "sparse_categorical_crossentropy").fit(X, labels, verbose=0)


def test_softmax_over_one_unit_warns():
    with pytest.warns(UserWarning, match="has size 1.*sigmoid"):
        compiled(1, "softmax")
