"""Attention layers against real Keras: outputs, weights, gradients, masks, configs, a training step, files.

And what they refuse.
"""

import keras as oracle
import numpy as np
import pytest

import kerasish
from kerasish import backend, config, layers
from tests.layers.parity import Case, assert_close, check_layer, make_pair, values_of

MASK, LATE = (
    np.array([[1, 1, 1, 0], [1, 0, 1, 1]], bool),
    np.array([[0, 1, 1, 1], [0, 0, 1, 1]], bool),
)  # for two samples of four steps
LOOK = np.array(
    [[[1, 0, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1]], [[1, 1, 1, 1], [0, 1, 0, 0], [0, 0, 0, 1]]], bool
)  # three queries, four keys
SELF, CROSS, THREE = [(2, 4, 6), (2, 4, 6)], [(2, 3, 6), (2, 4, 5)], [(2, 3, 6), (2, 4, 5), (2, 4, 7)]
ATOL = 4e-6  # gradients through a softmax are small differences of numbers of order 1


def heads(kwargs=None, inputs=CROSS, call=None, **options):
    """A case of MultiHeadAttention, two heads of size 3."""
    return Case(
        "MultiHeadAttention",
        {"num_heads": 2, "key_dim": 3, **(kwargs or {})},
        inputs,
        call,
        spread=True,
        atol=ATOL,
        **options,
    )


def grouped(kwargs=None, inputs=SELF, call=None, **options):
    """A case of GroupQueryAttention, four heads of queries that share two of keys."""
    return Case(
        "GroupQueryAttention",
        {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2, **(kwargs or {})},
        inputs,
        call,
        spread=True,
        atol=ATOL,
        **options,
    )


QUIET = {"dropout": 0.3}  # outside of training nothing is dropped, but the scores are worked out one by one
MANY = [(2, 3, 2, 4), (2, 3, 2, 4)]
HEADS = [
    heads(inputs=SELF),
    heads(),
    heads(inputs=THREE),
    heads({"output_shape": 7, "use_bias": False}),
    heads(
        {"output_shape": (2, 5)}, symbolic=False
    ),  # Keras's symbolic shape has the right sizes, but it warns of nothing of the kind
    heads({"use_gate": True}),
    heads({**QUIET, "value_dim": 4, "use_gate": True}),
    heads({**QUIET, "value_dim": 5, "output_shape": (2, 3), "seed": 3}, THREE),
    heads(
        {
            "kernel_regularizer": "l2",
            "bias_regularizer": "l1",
            "activity_regularizer": "l2",
            "kernel_constraint": "max_norm",
            "bias_constraint": "non_neg",
        }
    ),
    heads({"kernel_initializer": "he_normal", "bias_initializer": "ones"}),
    heads(call={"attention_mask": LOOK}),
    heads(call={"attention_mask": LOOK.astype("int32")}),
    heads(call={"attention_mask": np.stack([LOOK, ~LOOK], 1)}),
    heads(call={"use_causal_mask": True}),
    heads(inputs=SELF, call={"use_causal_mask": True}),
    heads({"sliding_window": 2}, SELF, {"use_causal_mask": True}),
    heads({"sliding_window": 2}, SELF),
    heads(QUIET, SELF, {"use_causal_mask": True}),
    heads({**QUIET, "sliding_window": 2}, SELF, {"use_causal_mask": True}),
    heads(QUIET, call={"attention_mask": LOOK}),
    heads(call={"value_mask": MASK}),
    heads(call={"query_mask": LATE[:, :3]}),
    heads(call={"key_mask": MASK, "attention_mask": LOOK}),
    heads(QUIET, call={"value_mask": MASK, "use_causal_mask": True}),
    heads({"attention_axes": (1, 2)}, MANY),
    heads({"attention_axes": 1}, MANY),
    heads({"attention_axes": (-2,), "value_dim": 2}, MANY),
    heads({"attention_axes": 2, "output_shape": 3}, MANY, {"attention_mask": np.tri(2, dtype=bool)[None]}),
    heads({}, MANY),
]
MASKED = [
    heads(inputs=SELF, masks=[MASK, LATE]),
    heads(QUIET, SELF, masks=[MASK, LATE]),
    heads(masks=[None, MASK]),
    heads(inputs=SELF, masks=[MASK, None]),
]
GROUPED = [
    grouped(),
    grouped({"num_key_value_heads": 1, "use_bias": False}, [(2, 3, 6), (2, 4, 6), (2, 4, 6)]),
    grouped({"num_key_value_heads": 4, "use_gate": True}),
    grouped({"sliding_window": 2}, call={"use_causal_mask": True}),
    grouped(call={"use_causal_mask": True}),
    grouped(QUIET),
    grouped({**QUIET, "use_gate": True, "seed": 1}, call={"use_causal_mask": True}),
    grouped(QUIET, [(2, 3, 6), (2, 4, 6)], {"attention_mask": LOOK}),
    grouped(inputs=[(2, 3, 6), (2, 4, 6)], call={"attention_mask": LOOK, "value_mask": MASK}),
    grouped(inputs=[(2, 3, 6), (2, 4, 6)], call={"query_mask": LATE[:, 1:], "key_mask": MASK}),
    grouped({"kernel_regularizer": "l2", "bias_constraint": "non_neg", "activity_regularizer": "l1"}),
]
PLAIN, PLAIN3 = [(2, 3, 6), (2, 4, 6)], [(2, 3, 6), (2, 4, 5), (2, 4, 6)]
ROWS = [MASK[:, :3], LATE]
ATTENTION = [
    Case("Attention", {}, PLAIN),
    Case("Attention", {"use_scale": True}, PLAIN3, atol=ATOL),
    Case("Attention", {"score_mode": "concat"}, PLAIN),
    Case("Attention", {"score_mode": "concat", "use_scale": True, "dropout": 0.3, "seed": 3}, PLAIN3),
    Case("Attention", {}, PLAIN, {"mask": ROWS}),
    Case("Attention", {}, PLAIN, {"mask": [None, LATE]}),
    Case("Attention", {}, PLAIN, {"use_causal_mask": True}),
    Case("Attention", {"use_scale": True}, PLAIN, {"use_causal_mask": True, "mask": [MASK[:, :3], MASK]}),
    Case("Attention", {}, PLAIN, masks=ROWS),
    Case("AdditiveAttention", {}, PLAIN),
    Case("AdditiveAttention", {"use_scale": False}, PLAIN),
    Case("AdditiveAttention", {"dropout": 0.2}, PLAIN, {"mask": ROWS}),
    Case("AdditiveAttention", {}, PLAIN, {"use_causal_mask": True}),
]


@pytest.mark.parametrize("case", HEADS + MASKED + GROUPED + ATTENTION, ids=repr)
def test_layer(case):
    check_layer(case)


@pytest.mark.parametrize(
    "case",
    [
        heads(inputs=SELF),
        heads({"value_dim": 5, "use_gate": True, "output_shape": 4}, call={"attention_mask": LOOK}),
        heads({"attention_axes": (1, 2)}, MANY),
        heads({"attention_axes": 2}, MANY),
        heads(inputs=SELF, call={"use_causal_mask": True}, masks=[MASK, MASK]),
        grouped(inputs=[(2, 3, 6), (2, 4, 6)], call={"attention_mask": LOOK}),
        grouped({"num_key_value_heads": 1}, call={"use_causal_mask": True}),
        Case("Attention", {"use_scale": True}, PLAIN, {"mask": ROWS}),
        Case("AdditiveAttention", {}, PLAIN, {"use_causal_mask": True}),
    ],
    ids=repr,
)
def test_scores(case):
    case.call = {**case.call, "return_attention_scores": True}
    ours, theirs, x = make_pair(case)
    got, want = case.apply(ours, x), case.apply(theirs, x)
    assert_close(list(got), list(want), case, "outputs and scores")
    if not case.masks:
        traced = backend.function(lambda *inputs: case.apply(ours, list(inputs)))(*x)
        assert_close(list(traced), list(want), case, "compiled outputs and scores")


@pytest.mark.parametrize(
    "name, kwargs",
    [
        ("MultiHeadAttention", {"num_heads": 2, "key_dim": 4, "use_gate": True}),
        ("GroupQueryAttention", {"head_dim": 4, "num_query_heads": 4, "num_key_value_heads": 2}),
    ],
)
def test_a_training_step(name, kwargs, tmp_path):
    x, y = values_of([(4, 5, 6), (4, 5, 6)], seed=7)

    def model_of(library):
        inputs = library.Input((None, 6))
        attended = getattr(library.layers, name)(**kwargs, name="attend")(inputs, inputs, use_causal_mask=True)
        model = library.Model(
            inputs, library.layers.Dense(6, name="out")(library.layers.Add(name="sum")([inputs, attended]))
        )
        model.compile(library.optimizers.SGD(0.1), "mse")
        return model

    ours, theirs = model_of(kerasish), model_of(oracle)
    theirs.save_weights(str(tmp_path / "theirs.weights.h5"))
    ours.load_weights(str(tmp_path / "theirs.weights.h5"))
    losses = [[float(model.train_on_batch(x, y)) for _ in range(3)] for model in (ours, theirs)]
    np.testing.assert_allclose(*losses, rtol=1e-5)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    ours.save(str(tmp_path / "ours.keras"))
    again = oracle.saving.load_model(str(tmp_path / "ours.keras"))
    np.testing.assert_allclose(again.predict(x, verbose=0), ours.predict(x, verbose=0), rtol=1e-5, atol=1e-5)


def test_masks_stay_on_the_inputs():
    x = values_of([(2, 4, 6)])[0]
    backend.set_keras_mask(x, MASK)
    outputs = layers.MultiHeadAttention(2, 3)(x, x)
    assert np.array_equal(backend.get_keras_mask(x), MASK) and np.array_equal(backend.get_keras_mask(outputs), MASK)


def test_dropout_drops_in_training_only():
    x = values_of([(2, 8, 6)])[0]
    for layer in (
        layers.MultiHeadAttention(2, 3, dropout=0.5, seed=1),
        layers.GroupQueryAttention(3, 4, 2, dropout=0.5, seed=1),
    ):
        quiet, loud = layer(x, x), layer(x, x, training=True)
        assert np.array_equal(quiet, layer(x, x)) and not np.allclose(quiet, loud)
    layer = layers.Attention(dropout=0.5, seed=1)
    assert np.array_equal(layer([x, x]), layers.Attention()([x, x])) and not np.allclose(
        layer([x, x]), layer([x, x], training=True)
    )


def test_value_dim_beside_key_dim_without_scores():
    """Real Keras on jax refuses this unless scores are asked for; the numbers are the same either way."""
    x, y = values_of([(2, 3, 6), (2, 4, 6)])
    layer = layers.MultiHeadAttention(2, 3, value_dim=5)
    np.testing.assert_allclose(layer(x, y), layer(x, y, return_attention_scores=True)[0], rtol=1e-5, atol=1e-6)


ONES, CUBE = np.ones((2, 4, 6), "float32"), np.ones((2, 3, 4, 6), "float32")
REFUSED = [
    (lambda: layers.MultiHeadAttention(0, 3), "`num_heads` must be an int > 0, got 0"),
    (lambda: layers.MultiHeadAttention(2, 3.5), "`key_dim`.*3.5"),
    (lambda: layers.MultiHeadAttention(2, 3, value_dim=-1), "`value_dim`.*-1"),
    (lambda: layers.MultiHeadAttention(2, 3, dropout=1.5), "`dropout`.*1.5"),
    (lambda: layers.MultiHeadAttention(2, 3, sliding_window=0), "`sliding_window`.*0"),
    (lambda: layers.MultiHeadAttention(2, 3, dropout=0.5, flash_attention=True), "`flash_attention=True`.*0.5"),
    (
        lambda: layers.MultiHeadAttention(2, 3, flash_attention=True)(ONES, ONES, return_attention_scores=True),
        "`flash_attention=True`.*`return_attention_scores`",
    ),
    (lambda: layers.MultiHeadAttention(2, 3, output_shape="6"), "`output_shape`.*'6'"),
    (lambda: layers.MultiHeadAttention(2, 3, output_shape=(0, 2)), r"`output_shape`.*\(0, 2\)"),
    (lambda: layers.MultiHeadAttention(2, 3, attention_axes="1"), "`attention_axes`.*'1'"),
    (lambda: layers.MultiHeadAttention(2, 3, attention_axes=2)(ONES, ONES), r"`attention_axes`.*\(2,\)"),
    (lambda: layers.MultiHeadAttention(2, 3)(ONES[0], ONES[0]), "3 or more"),
    (lambda: layers.MultiHeadAttention(2, 3)(ONES, CUBE), r"same number of axes.*\(2, 3, 4, 6\)"),
    (lambda: layers.MultiHeadAttention(2, 3)(ONES, ONES, ONES[:, :2]), r"last axis only.*\(2, 2, 6\)"),
    (lambda: layers.MultiHeadAttention(2, 3)(ONES, ONES, attention_mask=np.ones((4,), bool)), r"mask.*\(4,\)"),
    (
        lambda: layers.MultiHeadAttention(2, 3, attention_axes=(1, 2))(CUBE, CUBE, use_causal_mask=True),
        r"`use_causal_mask`.*\(1, 2\)",
    ),
    (lambda: layers.GroupQueryAttention(3, 5, 2), "`num_query_heads` must be a multiple.*5 and 2"),
    (lambda: layers.GroupQueryAttention(0, 4, 2), "`head_dim`.*0"),
    (lambda: layers.GroupQueryAttention(3, 4, 2)(CUBE, CUBE), "3 axes"),
    (lambda: layers.Attention(score_mode="dott"), "`score_mode`.*'dott'.*'dot'"),
    (lambda: layers.Attention(dropout=2), "`dropout`.*2"),
    (lambda: layers.Attention()(ONES), "list of 2 or 3"),
    (lambda: layers.Attention()([ONES]), "1 of them"),
    (lambda: layers.Attention()([ONES, ONES], mask=[MASK]), "`mask`.*1 of them"),
    (lambda: layers.AdditiveAttention()([ONES] * 4), "4 of them"),
]


@pytest.mark.parametrize("make, message", REFUSED, ids=[message for _, message in REFUSED])
def test_bad_input_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    "make", [lambda **k: layers.MultiHeadAttention(2, 3, **k), lambda **k: layers.GroupQueryAttention(3, 4, 2, **k)]
)
@pytest.mark.parametrize("switch", ["enable_flash_attention", "disable_flash_attention"])
def test_flash_attention_is_refused_where_it_was_asked_for_alone(make, switch):
    """As Keras does on a CPU: the global switch asks for it where it is there, the argument insists."""
    getattr(config, switch)()
    try:
        plain = make(flash_attention=False)(ONES, ONES)
        assert make()(ONES, ONES).shape == plain.shape
        layer = make(flash_attention=True)
        with pytest.raises(RuntimeError, match="`flash_attention=True` is not available"):
            layer(ONES, ONES)
    finally:
        config.enable_flash_attention()
