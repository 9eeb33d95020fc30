"""The recurrent layers against real Keras.

Tables of cases over the harness of the other layers, and what a table can't say (states between calls,
initial states, gradients through several outputs, training steps, files).
"""

import keras as oracle
import numpy as np
import pytest

import kerasish
from kerasish import backend, layers, ops
from tests.layers.parity import Case, check_layer, host
from tests.layers.recurrent import LATE, MASK, NAMES, X, close, pair, values

NONE = np.array([[0, 0, 0, 0], [1, 1, 1, 1]], bool)


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
