"""ConvLSTM1D, 2D and 3D against real Keras."""

import keras as oracle
import numpy as np
import pytest

import kerasish
from kerasish import layers
from tests.layers.parity import Case, check_layer
from tests.layers.recurrent import MASK, close, pair, values

FILM = (2, 4, 5, 6, 3)
FIRST = (2, 4, 3, 5, 6)
BASE = {"filters": 2, "kernel_size": (2, 3)}
SEVERAL = {"differentiable": False, "mixed": False}  # the harness differentiates one output

CASES = [
    Case("ConvLSTM2D", BASE, FILM),
    Case("ConvLSTM2D", {**BASE, "padding": "same", "return_sequences": True, "go_backwards": True}, FILM, mixed=False),
    Case("ConvLSTM2D", {**BASE, "strides": (2, 1), "use_bias": False, "activation": "relu"}, FILM, mixed=False),
    Case("ConvLSTM2D", {**BASE, "dilation_rate": (1, 2), "return_state": True}, FILM, **SEVERAL),
    Case("ConvLSTM2D", {**BASE, "data_format": "channels_first", "return_sequences": True}, FIRST, mixed=False),
    Case("ConvLSTM2D", {**BASE, "data_format": "channels_first", "padding": "same", "strides": 2}, FIRST, mixed=False),
    Case("ConvLSTM2D", {**BASE, "dropout": 0.3, "recurrent_dropout": 0.2, "seed": 3}, FILM, **SEVERAL),
    Case(
        "ConvLSTM2D",
        {
            **BASE,
            "recurrent_activation": "hard_sigmoid",
            "unit_forget_bias": False,
            "bias_initializer": "ones",
            "kernel_regularizer": "l2",
            "recurrent_regularizer": "l1",
            "bias_regularizer": "l2",
            "kernel_constraint": "max_norm",
        },
        FILM,
        **SEVERAL,
    ),
    Case("ConvLSTM1D", {"filters": 2, "kernel_size": 3}, (2, 4, 7, 3)),
    Case("ConvLSTM1D", {"filters": 2, "kernel_size": 2, "strides": 2, "return_state": True}, (2, 4, 7, 3), **SEVERAL),
    Case(
        "ConvLSTM1D", {"filters": 2, "kernel_size": 2, "dilation_rate": 2, "padding": "same"}, (2, 4, 7, 3), mixed=False
    ),
    Case("ConvLSTM1D", {"filters": 2, "kernel_size": 2, "data_format": "channels_first"}, (2, 4, 3, 7), mixed=False),
    Case("ConvLSTM3D", {"filters": 2, "kernel_size": 2}, (2, 3, 3, 4, 5, 2), mixed=False),
    Case("ConvLSTM3D", {"filters": 2, "kernel_size": (1, 2, 3), "padding": "same"}, (2, 3, 3, 4, 5, 2), **SEVERAL),
    Case("ConvLSTM3D", {"filters": 2, "kernel_size": 2, "return_sequences": True}, (2, 3, 3, 4, 5, 2), **SEVERAL),
    Case(
        "ConvLSTM3D",
        {"filters": 2, "kernel_size": 2, "data_format": "channels_first", "return_state": True},
        (2, 3, 2, 3, 4, 5),
        **SEVERAL,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_conv_lstm(case):
    check_layer(case)


def test_states_go_on_from_batch_to_batch_and_can_be_given():
    ours, theirs = pair(lambda k: k.layers.ConvLSTM2D(**BASE, stateful=True, return_state=True), FILM)
    x, y = values(FILM, FILM)
    for film in (x, y):
        close(ours(film), theirs(film))
    ours.reset_state(), theirs.reset_state()
    close(ours(y), theirs(y))
    ours, theirs = pair(lambda k: k.layers.ConvLSTM2D(**BASE, return_state=True), FILM)
    states = values((2, 4, 4, 2), (2, 4, 4, 2), seed=1)
    close(ours(x, initial_state=states), theirs(x, initial_state=states))


@pytest.mark.parametrize("go_backwards", [False, True])
def test_a_masked_step_is_as_if_it_were_not_there(go_backwards):
    # real Keras on JAX can't broadcast a mask over images; so the films are cut by hand
    layer = layers.ConvLSTM2D(**BASE, return_sequences=True, go_backwards=go_backwards)
    (x,) = values(FILM)
    masked = np.asarray(layer(x, mask=MASK))
    for film, kept, outputs in zip(x, MASK, masked):
        cut = np.asarray(layer(film[None, kept]))[0]
        kept = kept[::-1] if go_backwards else kept
        np.testing.assert_allclose(outputs[kept], cut, rtol=1e-5, atol=1e-6)
        for step in np.flatnonzero(~kept):
            before = outputs[step - 1] if step else np.zeros_like(outputs[0])
            np.testing.assert_array_equal(outputs[step], before)


def test_dropout_keeps_the_mean_and_is_the_same_in_all_steps():
    layer = layers.ConvLSTM2D(2, 1, dropout=0.5, recurrent_dropout=0.5, seed=1, return_sequences=True)
    x = np.ones((1, 3, 40, 40, 2), "float32")
    dropped, whole = np.asarray(layer(x, training=True)), np.asarray(layer(x))
    assert dropped.shape == whole.shape
    assert len(np.unique(dropped[0, 0, :, :, 0].round(5))) > 4 >= 1 == len(np.unique(whole[0, 0, :, :, 0].round(5)))


def test_a_model_trains_as_keras_does_and_its_files_go_both_ways(tmp_path):
    def model(k):
        inputs = k.Input((None, 5, 6, 3))
        x = k.layers.Bidirectional(k.layers.ConvLSTM2D(2, 3, padding="same", return_sequences=True))(inputs)
        return k.Model(inputs, k.layers.ConvLSTM2D(1, 2)(x))

    ours, theirs = model(kerasish), model(oracle)
    ours.set_weights(theirs.get_weights())
    (x,), (y,) = values(FILM), values((2, 4, 5, 1), seed=1)
    for m in (ours, theirs):
        m.compile("sgd", "mse")
    for _ in range(3):
        np.testing.assert_allclose(ours.train_on_batch(x, y), theirs.train_on_batch(x, y), rtol=1e-5)
    for writer, reader, name in ((ours, oracle, "ours.keras"), (theirs, kerasish, "theirs.keras")):
        writer.save(tmp_path / name)
        read = reader.models.load_model(tmp_path / name)
        np.testing.assert_allclose(read.predict(x, verbose=0), writer.predict(x, verbose=0), rtol=1e-5, atol=1e-6)
    for writer, reader, name in ((ours, theirs, "ours.h5"), (theirs, ours, "theirs.h5")):
        writer.save(tmp_path / name)
        library = oracle if reader is theirs else kerasish
        read = library.models.load_model(tmp_path / name)
        np.testing.assert_allclose(read.predict(x, verbose=0), writer.predict(x, verbose=0), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"filters": 0, "kernel_size": 2}, "filters"),
        ({"filters": 2, "kernel_size": (1, 2, 3)}, "kernel_size"),
        ({"filters": 2, "kernel_size": 2, "strides": 0}, "strides"),
        ({"filters": 2, "kernel_size": 2, "strides": 2, "dilation_rate": 2}, "dilation_rate"),
        ({"filters": 2, "kernel_size": 2, "padding": "causal"}, "padding"),
        ({"filters": 2, "kernel_size": 2, "data_format": "last"}, "data_format"),
    ],
)
def test_bad_arguments_are_named(arguments, word):
    with pytest.raises(ValueError, match=word):
        layers.ConvLSTM2D(**arguments)


def test_bad_inputs_are_told():
    with pytest.raises(ValueError, match="axes of space"):
        layers.ConvLSTM2D(2, 2)(kerasish.Input((None, None, 5, 3)))
    with pytest.raises(ValueError, match="ndim"):
        layers.ConvLSTM2D(2, 2)(np.ones((2, 4, 5, 3), "float32"))
    with pytest.raises(ValueError, match="initial_state"):
        layers.ConvLSTM2D(2, 2)(np.ones(FILM, "float32"), initial_state=[np.ones((2, 4, 4, 2), "float32")] * 2)


def test_the_loops_of_a_training_step_hold_what_waits_for_the_step_before():
    """One convolution of h, and on the way back one for its gradient; kernels and inputs are done for all steps."""
    inputs = kerasish.Input((4, 6, 7, 3))
    model = kerasish.Model(inputs, layers.ConvLSTM2D(2, 3, padding="same")(inputs))
    model.compile("sgd", "mse")
    (x,), (y,) = values((2, 4, 6, 7, 3)), values((2, 6, 7, 2), seed=1)
    rows = model.explain(x, y, kind="train", repeat=1).rows
    loops = [row["inside"] for row in rows if row["operation"] == "scan"]
    assert len(loops) == 2
    inside = [[name for name in loop if name.startswith("conv")] for loop in loops]
    assert inside == [["conv"], ["conv_input_gradient"]]
    outside = [row["operation"].split(" ")[0] for row in rows]
    assert outside.count("conv") == 1 and outside.count("conv_kernel_gradient") == 2
