"""States of recurrent layers, given, kept and returned; and cells alone."""

import keras as oracle
import numpy as np
import pytest

import kerasish
from kerasish import backend, layers, tree
from tests.layers.recurrent import LATE, MASK, X, close, pair, values

# -- states -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, count", [("SimpleRNN", 1), ("LSTM", 2), ("GRU", 1)])
def test_initial_state(name, count):
    ours, theirs = pair(lambda k: getattr(k.layers, name)(2, return_sequences=True, return_state=True))
    x, *states = values(X, *[(2, 2)] * count)
    want = theirs(x, initial_state=states)
    close(ours(x, initial_state=states), want)
    close(backend.function(lambda x, *s: ours(x, initial_state=list(s)))(x, *states), want)
    close(ours(x, initial_state=states, mask=LATE), theirs(x, initial_state=states, mask=LATE))
    if count == 1:
        close(ours(x, initial_state=states[0]), want)


def encoder_decoder(k):
    source, target = k.Input((None, 3)), k.Input((None, 2))
    _, *states = k.layers.LSTM(4, return_state=True)(source)
    decoded = k.layers.LSTM(4, return_sequences=True)(target, initial_state=states)
    return k.Model([source, target], k.layers.Dense(2)(decoded))


def test_initial_states_that_are_symbolic():
    ours, theirs = encoder_decoder(kerasish), encoder_decoder(oracle)
    ours.set_weights(theirs.get_weights())
    assert ours.output_shape == theirs.output_shape == (None, None, 2)
    data = values((2, 5, 3), (2, 4, 2))
    close(ours.predict(data, verbose=0), theirs.predict(data, verbose=0))
    again = kerasish.Model.from_config(ours.get_config())
    again.set_weights(ours.get_weights())
    close(again.predict(data, verbose=0), ours.predict(data, verbose=0))


@pytest.mark.parametrize("make", [
    lambda k: k.layers.LSTM(2, stateful=True), lambda k: k.layers.GRU(2, stateful=True, return_sequences=True),
    lambda k: k.layers.Bidirectional(k.layers.SimpleRNN(2, stateful=True)),
    lambda k: k.layers.RNN([k.layers.LSTMCell(2), k.layers.GRUCell(3)], stateful=True),
])  # fmt: skip
def test_stateful_layers_go_on_where_the_last_batch_ended(make):
    ours, theirs = pair(make)
    first, second = values(X, (2, 2, 3))
    assert [w.path.split("/")[-1] for w in ours.weights] == [w.path.split("/")[-1] for w in theirs.weights]
    step = backend.function(lambda x: ours(x))
    for x in (first, second):
        close(step(x) if x is first else ours(x), theirs(x))
    ours.reset_state()
    for v in tree.flatten(list(theirs.states)):  # real Keras's `reset_state` fails on stacked cells
        v.assign(np.zeros(v.shape))
    assert not any(v.numpy().any() for v in tree.flatten(ours.states))
    close(ours(second), theirs(second))
    ours.reset_states()
    with pytest.raises(ValueError, match="batch of 2, got a batch of 3"):
        ours(np.zeros((3, 4, 3), "float32"))


def test_a_stateful_model_keeps_states_between_predictions():
    models = []
    for k in (kerasish, oracle):
        models.append(k.Sequential([k.Input(batch_shape=(2, 4, 3)), k.layers.GRU(2, stateful=True)]))
    models[0].set_weights(models[1].get_weights())
    (x,) = values(X)
    first = models[0].predict(x, verbose=0)
    second = models[0].predict(x, verbose=0)
    assert not np.allclose(first, second)
    theirs = models[1].layers[0]
    close([first, second], [theirs(x), theirs(x)])


def test_the_layer_that_goes_forward_may_be_the_backward_one():
    def make(k):
        layer = k.layers.GRU(2, go_backwards=True, return_sequences=True)
        more = (
            {} if k is kerasish else {"backward_layer": k.layers.GRU(2, return_sequences=True)}
        )  # which real Keras can't make itself
        return k.layers.Bidirectional(layer, **more)

    ours, theirs = pair(make)
    (x,) = values(X)
    close(ours(x), theirs(x))
    again = layers.Bidirectional.from_config(ours.get_config())
    assert again.forward_layer.go_backwards and not again.backward_layer.go_backwards


# -- cells ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, kwargs, count", [
    ("SimpleRNNCell", {}, 1), ("LSTMCell", {"recurrent_activation": "relu"}, 2), ("GRUCell", {}, 1), ("GRUCell",
    {"reset_after": False}, 1),
])  # fmt: skip
def test_cells_alone(name, kwargs, count):
    ours, theirs = pair(lambda k: getattr(k.layers, name)(2, name="c", **kwargs), (2, 3))
    x, *states = values((2, 3), *[(2, 2)] * count)
    close(ours(x, states), theirs(x, states))
    if count == 1:
        assert not isinstance(ours(x, states[0])[1], list)
        close(ours(x, states[0]), theirs(x, states[0]))
    output, new = ours(kerasish.Input((3,)), [kerasish.Input((2,)) for _ in states])
    assert output.shape == (None, 2) and len(new) == count
    close(ours.get_initial_state(2), [np.zeros((2, 2))] * count)


def make_minimal(k):
    class Minimal(k.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = self.state_size = units

        def build(self, input_shape):
            self.kernel = self.add_weight((input_shape[-1], self.units), "glorot_uniform", name="kernel")
            self.recurrent = self.add_weight((self.units, self.units), "glorot_uniform", name="recurrent")

        def call(self, inputs, states):
            output = k.ops.tanh(k.ops.matmul(inputs, self.kernel)) + k.ops.matmul(states[0], self.recurrent)
            return output, [output]

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    return Minimal


@pytest.mark.parametrize(
    "kwargs",
    [{}, {"return_sequences": True}, {"go_backwards": True, "return_sequences": True}, {"zero_output_for_mask": True}],
)
@pytest.mark.parametrize("mask", [None, MASK, LATE])
def test_a_custom_cell(kwargs, mask):
    ours, theirs = pair(lambda k: k.layers.RNN(make_minimal(k)(2), **kwargs))
    (x,) = values(X)
    want = theirs(x, mask=mask)
    close(ours(x, mask=mask), want)
    close(backend.function(lambda x: ours(x, mask=mask))(x), want)
    assert ours(kerasish.Input((None, 3))).shape == theirs(oracle.Input((None, 3))).shape


def test_custom_cells_among_others():
    ours, theirs = pair(lambda k: k.layers.RNN([k.layers.LSTMCell(3), make_minimal(k)(2)], return_sequences=True))
    (x,) = values(X)
    close(ours(x), theirs(x))
    cell = make_minimal(kerasish)
    again = layers.RNN.from_config(layers.RNN(cell(2)).get_config(), custom_objects={"Minimal": cell})
    assert again.cell.units == 2


def test_a_subclass_that_overrides_call_is_called():
    class Doubled(layers.SimpleRNNCell):
        def call(self, sequence, states, training=False):
            output, states = super().call(sequence, states, training)
            return output * 2.0, states

    (x,) = values(X)
    ours, plain = layers.RNN(Doubled(2)), layers.RNN(layers.SimpleRNNCell(2))
    for layer in (ours, plain):
        layer.build(X)
    plain.set_weights(ours.get_weights())
    close(ours(x), plain(x) * 2.0)
