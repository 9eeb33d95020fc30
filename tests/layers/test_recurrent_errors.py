"""What recurrent layers refuse, and what they take by its old name."""

import numpy as np
import pytest

import kerasish
from kerasish import layers
from kerasish.backend import deprecation
from tests.layers.recurrent import MASK, X

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
