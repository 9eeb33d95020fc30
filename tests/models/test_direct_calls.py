"""`model(x)` on arrays runs the compiled Program where only the clock could tell, and Python where others could."""

import copy
import pickle

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, ops

on_host = keras.ops.convert_to_numpy

X = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")


def sequential(*stack, shape=(4,)):
    return keras.Sequential([keras.Input(shape), *stack])


def two_inputs():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    return keras.Model({"a": a, "b": b}, {"sum": layers.Dense(2)(a + b), "a": ops.tanh(a)})


def nested():
    return sequential(sequential(layers.Dense(3, "relu")), layers.Dense(2))


def recurrent():
    return sequential(layers.Embedding(9, 4), layers.LSTM(3), layers.Dense(1), shape=(5,))


def convolutional():
    stack = layers.Conv2D(2, 3), layers.BatchNormalization(), layers.Flatten(), layers.Dropout(0.5), layers.Dense(2)
    return sequential(*stack, shape=(6, 6, 1))


IMAGES = np.random.default_rng(1).normal(size=(2, 6, 6, 1)).astype("float32")
PLAIN = {
    "dense": (lambda: sequential(layers.Dense(5, "relu"), layers.Dense(2)), X),
    "doubles": (lambda: sequential(layers.Dense(2)), X.astype("float64")),
    "integers": (lambda: sequential(layers.Dense(2)), np.arange(8).reshape(2, 4)),
    "a view": (lambda: sequential(layers.Dense(2)), X[::-1]),
    "a column too few": (lambda: sequential(layers.Dense(2), shape=(1,)), X[:, 0]),
    "dict": (two_inputs, {"a": X, "b": X + 1}),
    "list": (two_inputs, [X, X + 1]),
    "nested": (nested, X),
    "recurrent": (recurrent, np.arange(10).reshape(2, 5) % 9),
    "convolutional": (convolutional, IMAGES),
}


def compiled(model):
    """How many signatures of an inference step the model has compiled."""
    step = model._functions.get("predict")
    return 0 if step is None else step[1].traces


@pytest.mark.parametrize("make, x", PLAIN.values(), ids=PLAIN)
@pytest.mark.parametrize("given", [{}, {"training": False}, {"training": None}], ids=str)
def test_a_plain_call_is_compiled_and_gives_what_python_gives(make, x, given):
    model = make()
    found = model(x, **given)
    assert compiled(model) == 1
    again = model(x, **given)
    assert compiled(model) == 1
    model.run_eagerly = True
    expected = model(x, **given)
    assert type(found) is type(expected)
    for one, other, same in zip(*map(keras.tree.flatten, (found, expected, again))):
        assert type(one) is type(other) and one.dtype == other.dtype
        assert one is not same and not (isinstance(one, np.ndarray) and np.shares_memory(one, same))
        np.testing.assert_allclose(on_host(one), on_host(other), rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(on_host(one), on_host(same))


class Printing(layers.Layer):
    calls = 0

    def call(self, x):
        type(self).calls += 1
        return x


class Custom(keras.Sequential):
    pass


def with_own_call():
    model = sequential(layers.Dense(2))
    model.call = lambda x, **_: x
    return model


def tape(model):
    with keras.backend.GradientTape() as recording:
        loss = ops.sum(ops.square(model(X)))
    assert recording.gradient(loss, model.trainable_variables)[0] is not None


NOT_PLAIN = {
    "a layer of the user's": (lambda: sequential(Printing()), None),
    "a layer in a model": (lambda: sequential(sequential(Printing())), None),
    "a function": (lambda: sequential(layers.Lambda(lambda x: x + 1)), None),
    "an activation": (lambda: sequential(layers.Dense(2, activation=lambda x: x + 1)), None),
    "a class of the user's": (lambda: Custom([keras.Input((4,)), layers.Dense(2)]), None),
    "a call of its own": (with_own_call, None),
    "losses": (lambda: sequential(layers.Dense(2, activity_regularizer="l2")), None),
    "a mask": (lambda: sequential(layers.Masking(), shape=(2, 2)), lambda model: model(X.reshape(3, 2, 2))),
    "eager": (lambda: sequential(layers.Dense(2)), lambda model: (model.compile(run_eagerly=True), model(X))),
    "training": (lambda: sequential(layers.Dropout(0.5)), lambda model: model(X, training=True)),
    "a tape": (lambda: sequential(layers.Dense(2)), tape),
    "symbolic": (lambda: sequential(layers.Dense(2)), lambda model: model(keras.Input((4,)))),
    "in a trace": (lambda: sequential(layers.Dense(2)), lambda model: keras.backend.function(model)(X)),
    "much data": (lambda: sequential(layers.Dense(2)), lambda model: model(np.ones((300_000, 4), "float32"))),
}


@pytest.mark.parametrize("make, act", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_python_runs_where_it_could_be_seen(make, act):
    model = make()
    (act or (lambda model: model(X)))(model)
    assert compiled(model) == 0


def test_a_user_s_layer_runs_at_every_call():
    model, before = sequential(Printing()), Printing.calls
    for _ in range(3):
        model(X)
    assert Printing.calls == before + 3
    losses = sequential(layers.Dense(2, activity_regularizer="l2"))
    losses(X)
    assert len(losses.losses) == 1


def test_what_changes_is_seen():
    model = sequential(layers.Dense(2), layers.Activation("linear"))
    first = on_host(model(X))
    model.layers[0].set_weights([w + 1 for w in model.layers[0].get_weights()])
    second = on_host(model(X))
    assert not np.allclose(first, second) and compiled(model) == 1
    model.layers[0].trainable = False
    np.testing.assert_array_equal(on_host(model(X)), second)
    assert compiled(model) == 1
    model.layers[0].activation = keras.activations.relu
    np.testing.assert_allclose(on_host(model(X)), np.maximum(second, 0), rtol=1e-6)
    model.add(layers.Rescaling(2.0))
    np.testing.assert_allclose(on_host(model(X)), 2 * np.maximum(second, 0), rtol=1e-6)
    model.pop()
    np.testing.assert_allclose(on_host(model(X)), np.maximum(second, 0), rtol=1e-6)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(on_host(other(X)), on_host(model(X)))


def test_a_call_and_predict_give_the_same_bits_after_training():
    model = convolutional()
    model.compile("sgd", "mse")
    for _ in range(2):
        np.testing.assert_array_equal(on_host(model(IMAGES)), model.predict(IMAGES, verbose=0))
        model.fit(IMAGES, np.ones((2, 2), "float32"), verbose=0)


def test_lengths_that_never_come_again_are_not_all_compiled():
    model = sequential(layers.Dense(2), shape=(None, 4))
    for length in range(1, 40):
        assert model(np.ones((1, length, 4), "float32")).shape == (1, length, 2)
    assert compiled(model) < 10


def test_bad_inputs_are_refused_each_time():
    model = sequential(layers.Dense(2))
    for _ in range(2):
        with pytest.raises(ValueError, match="expected shape=.*found shape"):
            model(np.ones((2, 5), "float32"))
    np.testing.assert_allclose(on_host(model(X)), model.predict(X, verbose=0))
