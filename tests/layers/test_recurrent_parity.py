"""The recurrent layers against real Keras.

Tables of cases over the harness of the other layers, and what a table can't say (states between calls,
initial states, gradients through several outputs, training steps, files).
"""

import keras as oracle
import numpy as np
import pytest

import kerasish
from kerasish import backend, layers, ops, tree
from kerasish.backend import deprecation
from tests.layers.parity import Case, check_layer, host

X = (2, 4, 3)
MASK = np.array([[1, 1, 1, 0], [1, 0, 1, 1]], bool)
LATE = np.array([[0, 0, 1, 1], [0, 1, 0, 0]], bool)
NONE = np.array([[0, 0, 0, 0], [1, 1, 1, 1]], bool)
NAMES = ("SimpleRNN", "LSTM", "GRU")


def every(kwargs=None, *args, **more):
    """A row for each of the three layers."""
    return [Case(name, {"units": 2, **(kwargs or {})}, *(args or (X,)), **more) for name in NAMES]


OUTPUTS = {
    "config": False,
    "mixed": False,
    "symbolic": False,
    "differentiable": False,
}  # rows in which only the outputs and masks are new
SEVERAL = {
    "differentiable": False,
    "mixed": False,
}  # the harness differentiates one output; `test_gradients_through_states` the others

ARGUMENTS = [
    *every(),
    *every({"return_sequences": True, "go_backwards": True}),
    *every({"go_backwards": True}, **OUTPUTS),
    *every({"unroll": True, "return_sequences": True}, config=False, mixed=False),
    *every(
        {
            "use_bias": False,
            "activation": "relu",
            "kernel_initializer": "he_normal",
            "recurrent_initializer": "glorot_uniform",
        },
        mixed=False,
    ),
    *every({"kernel_regularizer": "l2", "recurrent_regularizer": "l1", "bias_regularizer": "l2"}, mixed=False),
    # real Keras's SimpleRNN forgets its activity regularizer
    *(
        Case(name, {"units": 2, "return_sequences": True, "activity_regularizer": "l2"}, X, mixed=False)
        for name in ("LSTM", "GRU")
    ),
    *every(
        {
            "kernel_constraint": "max_norm",
            "recurrent_constraint": "non_neg",
            "bias_constraint": "non_neg",
            "activation": None,
        },
        **SEVERAL,
    ),
    *every({"dropout": 0.3, "recurrent_dropout": 0.2, "seed": 3}, **SEVERAL),  # outside of training nothing is dropped
    *every({}, (2, 1, 3), **OUTPUTS),
    *every({"return_state": True}, **SEVERAL),
    *every({"return_state": True, "return_sequences": True, "go_backwards": True}, **SEVERAL),
    Case(
        "LSTM",
        {"units": 2, "recurrent_activation": "hard_sigmoid", "unit_forget_bias": False, "bias_initializer": "ones"},
        X,
        mixed=False,
    ),
    Case("LSTM", {"units": 2, "use_cudnn": False, "implementation": 1}, X, **SEVERAL),
    Case("GRU", {"units": 2, "recurrent_activation": "hard_sigmoid", "use_cudnn": True}, X, **SEVERAL),
    Case("GRU", {"units": 2, "reset_after": False}, X),
    Case(
        "GRU",
        {"units": 2, "reset_after": False, "use_bias": False, "return_sequences": True, "go_backwards": True},
        X,
        mixed=False,
    ),
    Case("GRU", {"units": 2, "reset_after": True, "use_bias": False}, X, mixed=False),
]
MASKED = [
    *every({"return_sequences": True}, masks=[MASK], config=False, mixed=False),
    *every({}, masks=[LATE], config=False, mixed=False),
    *(case for mask in (MASK, NONE) for case in every({}, masks=[mask], **OUTPUTS)),
    *(case for mask in (LATE, NONE) for case in every({"return_sequences": True}, masks=[mask], **OUTPUTS)),
    *every({"go_backwards": True}, masks=[MASK], **OUTPUTS),
    *every({"go_backwards": True, "return_sequences": True}, masks=[LATE], **OUTPUTS),
    *every({"zero_output_for_mask": True, "return_sequences": True}, masks=[MASK], mixed=False),
    *every({"zero_output_for_mask": True}, masks=[MASK], **OUTPUTS),
    *every({"zero_output_for_mask": True, "go_backwards": True}, masks=[LATE], **OUTPUTS),
    *every({"unroll": True, "return_sequences": True}, masks=[LATE], **OUTPUTS),
    *every({"return_state": True, "return_sequences": True}, masks=[MASK], **OUTPUTS),
    Case("GRU", {"units": 2}, X, {"mask": LATE}, **OUTPUTS),
    Case("GRU", {"units": 2, "reset_after": False}, X, masks=[MASK], **OUTPUTS),
]


def stack(k, **kwargs):
    return {"cell": [k.layers.LSTMCell(4), k.layers.GRUCell(2, reset_after=False), k.layers.SimpleRNNCell(3)], **kwargs}


def with_cell(name, **kwargs):
    return lambda k: {"cell": getattr(k.layers, f"{name}Cell")(2), **kwargs}


GENERIC = [
    *(Case("RNN", with_cell(name), X, **SEVERAL) for name in NAMES),
    Case("RNN", with_cell("LSTM", return_sequences=True, go_backwards=True), X, mixed=False),
    Case("RNN", with_cell("GRU", return_sequences=True, return_state=True), X, **SEVERAL),
    Case(
        "RNN",
        lambda k: {"cell": k.layers.LSTMCell(2, dropout=0.5, seed=3), "zero_output_for_mask": True},
        X,
        masks=[MASK],
        **SEVERAL,
    ),
    Case("RNN", stack, X, config=False, mixed=False),
    Case("RNN", lambda k: stack(k, return_sequences=True, go_backwards=True), X, **SEVERAL),
    Case("RNN", lambda k: stack(k, return_sequences=True, return_state=True), X, **OUTPUTS),
    # without `zero_output_for_mask` real Keras on JAX gives out the first cell's state in a masked step, which need not
    # even have the shape
    Case("RNN", lambda k: stack(k, return_sequences=True, zero_output_for_mask=True), X, masks=[MASK], **SEVERAL),
    Case(
        "RNN",
        lambda k: {"cell": k.layers.StackedRNNCells([k.layers.GRUCell(4), k.layers.LSTMCell(2)]), "unroll": True},
        X,
        **SEVERAL,
    ),
]


def both_ways(name, merge_mode="concat", **kwargs):
    return lambda k: {"layer": getattr(k.layers, name)(2, name="inner", **kwargs), "merge_mode": merge_mode}


def odd_pair(k):
    return {
        "layer": k.layers.LSTM(2, return_sequences=True),
        "backward_layer": k.layers.GRU(3, return_sequences=True, go_backwards=True),
    }


BIDIRECTIONAL = [
    Case("Bidirectional", both_ways("LSTM"), X, mixed=False),
    *(Case("Bidirectional", both_ways(name), X, **SEVERAL) for name in ("SimpleRNN", "GRU")),
    *(
        Case("Bidirectional", both_ways("LSTM", mode, return_sequences=True), X, **OUTPUTS)
        for mode in ("concat", "sum", "mul")
    ),
    Case("Bidirectional", both_ways("LSTM", "ave", return_sequences=True), X, mixed=False),
    Case("Bidirectional", both_ways("LSTM", None, return_sequences=True), X, **SEVERAL),
    Case("Bidirectional", both_ways("GRU", None), X, **SEVERAL),
    Case("Bidirectional", both_ways("LSTM", return_state=True), X, **SEVERAL),
    Case("Bidirectional", both_ways("GRU", None, return_state=True, return_sequences=True), X, **SEVERAL),
    Case("Bidirectional", both_ways("LSTM", return_sequences=True), X, masks=[MASK], config=False, mixed=False),
    Case("Bidirectional", both_ways("LSTM", "ave", return_sequences=True), X, masks=[LATE], **OUTPUTS),
    Case("Bidirectional", both_ways("LSTM", None, return_sequences=True), X, masks=[LATE], **OUTPUTS),
    Case("Bidirectional", both_ways("GRU"), X, masks=[LATE], **OUTPUTS),
    Case("Bidirectional", odd_pair, X, symbolic=False, **SEVERAL),  # real Keras's shape doubles the forward layer's
    Case("TimeDistributed", lambda k: {"layer": k.layers.LSTM(2)}, (2, 3, 4, 2), mixed=False),
    Case("TimeDistributed", lambda k: {"layer": k.layers.Bidirectional(k.layers.GRU(2))}, (2, 3, 4, 2), **OUTPUTS),
]


@pytest.mark.parametrize("case", ARGUMENTS + MASKED + GENERIC + BIDIRECTIONAL, ids=repr)
def test_layer(case):
    check_layer(case)


def values(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape).astype("float32") for shape in shapes]


def pair(make, shape=X):
    """(ours, theirs) of `make(library)`, built, with equal weights."""
    ours, theirs = make(kerasish), make(oracle)
    for layer in (ours, theirs):
        layer.build(shape)
    ours.set_weights(theirs.get_weights())
    return ours, theirs


def close(a, b, rtol=1e-5):
    a, b = tree.flatten(a), tree.flatten(b)
    assert len(a) == len(b)
    for x, y in zip(a, b):
        np.testing.assert_allclose(host(x), np.asarray(y), rtol=rtol, atol=1e-6)


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


# -- training ---------------------------------------------------------------------------------------------------


def test_gradients_through_states():
    import jax

    ours, theirs = pair(lambda k: k.layers.LSTM(2, return_sequences=True, return_state=True))
    x, h, c, weigh = values(X, (2, 2), (2, 2), (2, 4, 2))

    def loss(layer, o, x, h, c):
        y, h, c = layer(x, initial_state=[h, c], mask=LATE)
        return o.sum(y * weigh) + 2.0 * o.sum(h) + o.sum(c * c)

    def of_weights(weights, x, h, c):
        with oracle.StatelessScope([*zip(theirs.trainable_variables, weights)]):
            return loss(theirs, oracle.ops, x, h, c)

    want = jax.grad(of_weights, argnums=(0, 1, 2, 3))([v.value for v in theirs.trainable_variables], x, h, c)

    def step(x, h, c):
        return backend.gradients(loss(ours, ops, x, h, c), [*ours.trainable_variables, x, h, c])

    close(backend.function(step)(x, h, c), want)


def classifier(k):
    return k.Sequential([
        k.Input((5,), dtype="int32"), k.layers.Embedding(7, 4, mask_zero=True), k.layers.Bidirectional(k.layers.LSTM(3,
        return_sequences=True)),
        k.layers.GRU(4, activity_regularizer="l2"), k.layers.Dense(1),
    ], name="classifier")  # fmt: skip


IDS = np.random.default_rng(0).integers(0, 7, (6, 5)).astype("int32")
LABELS = values((6, 1))[0]


def trained(k):
    model = classifier(k)
    model.compile("adam", "mse")
    return model


def test_training_steps_are_equal():
    ours, theirs = trained(kerasish), trained(oracle)
    ours.set_weights(theirs.get_weights())
    for _ in range(3):
        np.testing.assert_allclose(ours.train_on_batch(IDS, LABELS), theirs.train_on_batch(IDS, LABELS), rtol=1e-5)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(
            a, b, rtol=1e-4, atol=1e-5
        )  # Adam divides by the root of gradients that are almost 0


@pytest.mark.parametrize("here", [True, False], ids=["ours_to_keras", "keras_to_ours"])
def test_files_go_both_ways(here, tmp_path):
    writer, reader = (kerasish, oracle) if here else (oracle, kerasish)
    model = trained(writer)
    model.train_on_batch(IDS, LABELS)
    model.save(tmp_path / "m.keras")
    loaded = reader.models.load_model(tmp_path / "m.keras")
    close(loaded.predict(IDS, verbose=0), model.predict(IDS, verbose=0))
    np.testing.assert_allclose(loaded.train_on_batch(IDS, LABELS), model.train_on_batch(IDS, LABELS), rtol=1e-4)


# -- dropout ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "kwargs", [{"dropout": 0.5}, {"recurrent_dropout": 0.5}, {"dropout": 0.3, "recurrent_dropout": 0.3}]
)
def test_dropout(name, kwargs):
    """Real Keras draws other numbers: a seed decides, compiled and eager calls agree, and only training drops."""
    first, same = (getattr(layers, name)(3, seed=3, **kwargs) for _ in range(2))
    (x,) = values((2, 6, 4))
    plain = host(first(x))
    same(x)
    same.set_weights(first.get_weights())
    close(first(x, training=False), plain)
    draws = [host(first(x, training=True)) for _ in range(2)]
    step = backend.function(lambda x: same(x, training=True))
    close([step(x), step(x)], draws)
    assert not np.allclose(draws[0], draws[1]) and not np.allclose(draws[0], plain)


@pytest.mark.parametrize("reset_after", [True, False])
@pytest.mark.parametrize("name", ["LSTMCell", "GRUCell", "SimpleRNNCell"])
def test_dropped_parts_are_those_of_keras(name, reset_after):
    """With the same masks put into both, the outputs are equal.

    One mask a gate, and what of h a mask does not touch.
    """
    kwargs = {"dropout": 0.5, "recurrent_dropout": 0.5, **({"reset_after": reset_after} if name == "GRUCell" else {})}
    ours, theirs = pair(lambda k: getattr(k.layers, name)(2, **kwargs), (2, 3))
    x, *states = values((2, 3), *[(2, 2)] * (2 if name == "LSTMCell" else 1))
    count = ours.gates
    masks = [
        [np.where(m > 0, 2.0, 0.0).astype("float32") for m in values(*[(2, n)] * count, seed=seed)]
        for n, seed in ((3, 5), (2, 6))
    ]
    theirs._dropout_mask, theirs._recurrent_dropout_mask = (m if count > 1 else m[0] for m in masks)
    waiting = {(2, 3): masks[0], (2, 2): masks[1]}
    ours._draw = lambda shape, rate: waiting[tuple(shape)]
    close(ours(x, states, training=True), theirs(x, states, training=True))


# -- what is refused --------------------------------------------------------------------------------------------

CUBE = np.ones(X, "float32")
REFUSED = [
    (lambda: layers.LSTM(0), "`units` must be an int > 0, got 0"),
    (lambda: layers.GRU(2, dropout=1.5), "`dropout`.*1.5"),
    (lambda: layers.GRU(2, recurrent_activation="sigmod"), "'sigmod'.*'sigmoid'"),
    (lambda: layers.LSTM(2, use_cudnn="maybe"), "`use_cudnn`.*'maybe'"),
    (lambda: layers.LSTM(2, time_major=True), "'time_major'"),
    (lambda: layers.RNN(3), "`cell` must have a `call` method.*3"),
    (lambda: layers.RNN(layers.LSTMCell), "not a class"),
    (lambda: layers.RNN(layers.Dense(2)), "`state_size`"),
    (lambda: layers.StackedRNNCells([]), "`cells`"),
    (lambda: layers.StackedRNNCells([layers.Dense(2)]), "`state_size`"),
    (lambda: layers.Bidirectional(layers.Dense(2)), "`layer` must be a recurrent layer"),
    (lambda: layers.Bidirectional(layers.LSTM(2), merge_mode="max"), "`merge_mode`.*'max'"),
    (
        lambda: layers.Bidirectional(layers.LSTM(2), backward_layer=layers.LSTM(2)),
        "`backward_layer` must go the other way",
    ),
    (
        lambda: layers.Bidirectional(
            layers.LSTM(2), backward_layer=layers.LSTM(2, go_backwards=True, return_sequences=True)
        ),
        "`return_sequences`",
    ),
    (lambda: layers.Bidirectional(layers.LSTM(2)).reset_state(), "stateful=True"),
    (lambda: layers.LSTM(2)(CUBE[0]), "expected ndim=3, found ndim=2"),
    (lambda: layers.RNN(layers.LSTMCell(2))(CUBE[0]), "`sequences`.*3 axes"),
    (lambda: layers.LSTM(2)(CUBE[:, :0]), r"`sequences`.*a step or more.*\(2, 0, 3\)"),
    (lambda: layers.LSTM(2, stateful=True)(kerasish.Input((4, 3))), "batch_shape"),
    (lambda: layers.LSTM(2, unroll=True)(kerasish.Input((None, 3))), "unroll"),
    (lambda: layers.LSTM(2)(CUBE, initial_state=[CUBE[:, 0, :2]]), r"`initial_state`.*2 tensor\(s\).*\(2, 2\)"),
    (lambda: layers.LSTM(2)(CUBE, initial_state=[CUBE[:, 0]] * 2), r"`initial_state`.*\(2, 2\), got \(2, 3\)"),
    (lambda: layers.GRU(2)(CUBE, initial_state=CUBE[:1, 0, :2]), r"`initial_state`.*got \(1, 2\)"),
    (lambda: layers.GRU(2)(kerasish.Input((4, 3)), initial_state=kerasish.Input((3,))), "`initial_state`"),
    (
        lambda: layers.Bidirectional(layers.GRU(2))(CUBE, initial_state=[CUBE[:, 0, :2]]),
        "`initial_state`.*forward and of the backward",
    ),
    (lambda: layers.LSTM(2)(CUBE, mask=MASK[:, :3]), r"`mask`.*\(2, 3\)"),
    (lambda: layers.LSTMCell(2)(CUBE[:, 0], [CUBE[:, 0, :2]]), "`states`.*2 state"),
]


@pytest.mark.parametrize("make, message", REFUSED, ids=[message for _, message in REFUSED])
def test_bad_input_is_refused(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()


OLD = [
    ("LSTM", {"output_dim": 3, "inner_activation": "hard_sigmoid", "init": "he_normal", "inner_init": "glorot_uniform",
    "forget_bias_init": "one",
              "consume_less": "gpu", "dropout_W": 0.1, "dropout_U": 0.2, "W_regularizer": "l2", "U_regularizer": "l1",
              "b_regularizer": "l2"},
     dict(units=3, recurrent_activation="hard_sigmoid", kernel_initializer="he_normal",
     recurrent_initializer="glorot_uniform", unit_forget_bias=True,
          dropout=0.1, recurrent_dropout=0.2, kernel_regularizer="l2", recurrent_regularizer="l1",
          bias_regularizer="l2")),
    ("GRU", {"output_dim": 3, "inner_activation": "relu"}, dict(units=3, recurrent_activation="relu")),
    ("SimpleRNN", {"output_dim": 3, "dropout_U": 0.3, "implementation": 1}, dict(units=3, recurrent_dropout=0.3)),
]  # fmt: skip


@pytest.mark.parametrize("name, old, new", OLD)
def test_old_spellings(name, old, new):
    deprecation.reset_warnings()
    with pytest.warns(DeprecationWarning, match="`output_dim`"):
        layer = getattr(layers, name)(**old, name="l")
    assert layer.get_config() == getattr(layers, name)(**new, name="l").get_config()


def test_an_old_input_dim_leaves_the_steps_open():
    with pytest.warns(DeprecationWarning):
        model = kerasish.Sequential([layers.LSTM(2, input_dim=3)])
    assert model.input_shape == (None, None, 3)
