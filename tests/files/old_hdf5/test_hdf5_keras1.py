"""Files of Keras 1.2: opened here, they predict what that version computed."""

import numpy as np
import pytest

from tests.files.old_hdf5 import old_files as old
from tests.files.old_hdf5.loading import close, load, pair, sequential
from tests.files.old_hdf5.old_files import keras1, numbers

# -- Keras 1.2 ------------------------------------------------------------------------------------------------------


def test_dense_and_batch_normalization(tmp_path):
    """`running_std` holds the variance in Keras 1."""
    W, b, V, c = numbers(4, 3), numbers(3, seed=1), numbers(3, 2, seed=2), numbers(2, seed=3)
    gamma, beta, mean, variance = (
        numbers(3, seed=4),
        numbers(3, seed=5),
        numbers(3, seed=6),
        numbers(3, seed=7, low=0.5, high=2),
    )
    config = sequential(
        keras1(
            "Dense",
            "dense_1",
            batch_input_shape=[None, 4],
            input_dtype="float32",
            output_dim=3,
            init="glorot_uniform",
            activation="tanh",
            bias=True,
            input_dim=4,
        ),
        keras1(
            "BatchNormalization",
            "bn",
            epsilon=1e-3,
            mode=0,
            axis=-1,
            momentum=0.99,
            gamma_regularizer=None,
            beta_regularizer=None,
        ),
        keras1("Dropout", "dropout_1", p=0.5),
        keras1(
            "Dense",
            "dense_2",
            output_dim=2,
            init="uniform",
            activation="linear",
            bias=True,
            input_dim=None,
            W_regularizer={"name": "WeightRegularizer", "l1": 0.0, "l2": 0.01},
        ),
    )
    norm = [
        (f"bn_{name}:0", array)
        for name, array in (("gamma", gamma), ("beta", beta), ("running_mean", mean), ("running_std", variance))
    ]
    old.write_model(
        tmp_path / "m.h5",
        "1.2.2",
        config,
        [("dense_1", pair("dense_1", W, b)), ("bn", norm), ("dropout_1", []), ("dense_2", pair("dense_2", V, c))],
    )
    x = numbers(5, 4, seed=9)
    hidden = (np.tanh(x @ W + b) - mean) / np.sqrt(variance + 1e-3) * gamma + beta
    close(load(tmp_path / "m.h5").predict(x, verbose=0), hidden @ V + c)


@pytest.mark.parametrize("backend", ["theano", "tensorflow"])
@pytest.mark.parametrize("ordering", ["th", "tf"])
def test_convolution(tmp_path, ordering, backend):
    """Theano's order of axes, and Theano's true convolution: two things.

    Names end in ":0" where TensorFlow computed.
    """
    ending = ":0" if backend == "tensorflow" else ""
    kernel, bias, W, b = numbers(3, 2, 3, 4), numbers(4, seed=1), numbers(4 * 5 * 4, 2, seed=2), numbers(2, seed=3)
    x = numbers(2, 7, 5, 3, seed=4)
    shape = [None, 3, 7, 5] if ordering == "th" else [None, 7, 5, 3]
    config = sequential(
        keras1(
            "Convolution2D",
            "conv",
            batch_input_shape=shape,
            input_dtype="float32",
            nb_filter=4,
            nb_row=3,
            nb_col=2,
            border_mode="valid",
            subsample=[1, 1],
            dim_ordering=ordering,
            init="glorot_uniform",
            activation="relu",
            bias=True,
        ),
        keras1("Flatten", "flatten_1"),
        keras1("Dense", "dense_1", output_dim=2, init="glorot_uniform", activation="linear", bias=True),
    )
    stored = kernel.transpose(3, 2, 0, 1) if ordering == "th" else kernel
    W = numbers(5 * 4 * 4, 2, seed=2)
    old.write_model(
        tmp_path / "m.h5",
        "1.2.2",
        config,
        [("conv", pair("conv", stored, bias, ending)), ("flatten_1", []), ("dense_1", pair("dense_1", W, b, ending))],
    )
    hidden = np.maximum(old.correlate(x, kernel, flip=backend == "theano") + bias, 0)
    if ordering == "th":
        x, hidden = x.transpose(0, 3, 1, 2), hidden.transpose(0, 3, 1, 2)
    close(load(tmp_path / "m.h5").predict(x, verbose=0), hidden.reshape(2, -1) @ W + b)


def test_deconvolution(tmp_path):
    kernel, bias, x = numbers(2, 3, 3, 4), numbers(4, seed=1), numbers(2, 4, 5, 3, seed=2)
    config = sequential(
        keras1(
            "Deconvolution2D",
            "up",
            batch_input_shape=[None, 4, 5, 3],
            nb_filter=4,
            nb_row=2,
            nb_col=3,
            output_shape=[None, 5, 7, 4],
            border_mode="valid",
            subsample=[1, 1],
            dim_ordering="tf",
            init="glorot_uniform",
            activation="linear",
            bias=True,
        ),
    )
    old.write_model(tmp_path / "m.h5", "1.2.2", config, [("up", pair("up", kernel, bias))])
    close(load(tmp_path / "m.h5").predict(x, verbose=0), old.spread(x, kernel.transpose(0, 1, 3, 2)) + bias)


@pytest.mark.parametrize("stored", ["(length, 1, inputs, filters)", "(filters, inputs, length, 1)"])
def test_convolution_1d(tmp_path, stored):
    kernel, bias, x = numbers(3, 1, 2, 4), numbers(4, seed=1), numbers(2, 6, 2, seed=2)
    config = sequential(
        keras1(
            "Convolution1D",
            "conv",
            batch_input_shape=[None, 6, 2],
            nb_filter=4,
            filter_length=3,
            border_mode="valid",
            subsample_length=1,
            init="uniform",
            activation="linear",
            bias=True,
            input_dim=2,
            input_length=6,
        ),
    )
    array = kernel if stored.startswith("(length") else kernel.transpose(3, 2, 0, 1)
    old.write_model(tmp_path / "m.h5", "1.2.2", config, [("conv", pair("conv", array, bias))])
    close(load(tmp_path / "m.h5").predict(x, verbose=0), old.correlate(x[:, :, None], kernel)[:, :, 0] + bias)


def recurrent(class_name, name, units, **more):
    return keras1(
        class_name,
        name,
        output_dim=units,
        init="glorot_uniform",
        inner_init="orthogonal",
        activation="tanh",
        inner_activation="hard_sigmoid",
        dropout_W=0.0,
        dropout_U=0.0,
        return_sequences=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        consume_less="cpu",
        **more,
    )


def test_lstm_of_twelve_arrays(tmp_path):
    gates, x = old.gate_arrays("ifco", 3, 4), numbers(2, 5, 3, seed=50)
    old.write_model(
        tmp_path / "m.h5",
        "1.2.2",
        sequential(recurrent("LSTM", "lstm_1", 4, batch_input_shape=[None, 5, 3])),
        [("lstm_1", old.listed("lstm_1", gates, "icfo"))],
    )
    close(load(tmp_path / "m.h5").predict(x, verbose=0), old.lstm(x, gates))


def test_gru_of_nine_arrays(tmp_path):
    gates, x = old.gate_arrays("zrh", 3, 4), numbers(2, 5, 3, seed=50)
    old.write_model(
        tmp_path / "m.h5",
        "1.2.2",
        sequential(recurrent("GRU", "gru_1", 4, batch_input_shape=[None, 5, 3])),
        [("gru_1", old.listed("gru_1", gates, "zrh"))],
    )
    close(load(tmp_path / "m.h5").predict(x, verbose=0), old.gru(x, gates))


def test_lstm_of_three_arrays(tmp_path):
    """consume_less="gpu" keeps the gates together, in today's order."""
    gates, x = old.gate_arrays("ifco", 3, 4), numbers(2, 5, 3, seed=50)
    joined = [np.concatenate([gates[name][part] for name in "ifco"], axis=-1) for part in range(3)]
    config = recurrent("LSTM", "lstm_1", 4, batch_input_shape=[None, 5, 3])
    config["config"]["consume_less"] = "gpu"
    old.write_model(
        tmp_path / "m.h5",
        "1.2.2",
        sequential(config),
        [("lstm_1", [(f"lstm_1_{name}:0", array) for name, array in zip("WUb", joined)])],
    )
    close(load(tmp_path / "m.h5").predict(x, verbose=0), old.lstm(x, gates))


def test_wrappers(tmp_path):
    """Bidirectional lists the forward layer's twelve arrays, then the backward layer's."""
    forward, backward, x = (
        old.gate_arrays("ifco", 2, 3),
        old.gate_arrays("ifco", 2, 3, seed=20),
        numbers(2, 4, 5, seed=60),
    )
    W, b = numbers(5, 2, seed=40), numbers(2, seed=41)
    inner = recurrent("LSTM", "lstm_1", 3)
    config = sequential(
        keras1(
            "TimeDistributed",
            "td",
            batch_input_shape=[None, 4, 5],
            layer=keras1("Dense", "dense_1", output_dim=2, init="uniform", activation="linear", bias=True),
        ),
        keras1("Bidirectional", "both", merge_mode="concat", layer=inner),
    )
    arrays = old.listed("forward_lstm_1", forward, "icfo") + old.listed("backward_lstm_1", backward, "icfo")
    old.write_model(tmp_path / "m.h5", "1.2.2", config, [("td", pair("td", W, b)), ("both", arrays)])
    hidden = x @ W + b
    close(
        load(tmp_path / "m.h5").predict(x, verbose=0),
        np.concatenate([old.lstm(hidden, forward), old.lstm(hidden[:, ::-1], backward)], axis=-1),
    )


def test_nested_model(tmp_path):
    """A Sequential inside a Model: all trainable arrays of its layers, gate by gate, then the others."""
    gates, W, b = old.gate_arrays("ifco", 2, 3), numbers(3, 2, seed=40), numbers(2, seed=41)
    gamma, beta, mean, variance = (
        numbers(2, seed=42),
        numbers(2, seed=43),
        numbers(2, seed=44),
        numbers(2, seed=45, low=0.5, high=2),
    )
    inner = sequential(
        keras1("BatchNormalization", "bn", batch_input_shape=[None, 4, 2], epsilon=1e-3, mode=0, axis=-1, momentum=0.9),
        recurrent("LSTM", "lstm_1", 3),
        keras1("Dense", "dense_1", output_dim=2, init="uniform", activation="linear", bias=True),
    )
    config = {
        "class_name": "Model",
        "config": {
            "name": "model_1",
            "layers": [
                {
                    **keras1(
                        "InputLayer", "input_1", batch_input_shape=[None, 4, 2], input_dtype="float32", sparse=False
                    ),
                    "name": "input_1",
                    "inbound_nodes": [],
                },
                {**inner, "name": "sequential_1", "inbound_nodes": [[["input_1", 0, 0]]]},
            ],
            "input_layers": [["input_1", 0, 0]],
            "output_layers": [["sequential_1", 1, 0]],
        },
    }
    arrays = [
        ("bn_gamma:0", gamma),
        ("bn_beta:0", beta),
        *old.listed("lstm_1", gates, "icfo"),
        *pair("dense_1", W, b),
        ("bn_running_mean:0", mean),
        ("bn_running_std:0", variance),
    ]
    old.write_model(tmp_path / "m.h5", "1.2.2", config, [("input_1", []), ("sequential_1", arrays)])
    x = numbers(2, 4, 2, seed=50)
    close(
        load(tmp_path / "m.h5").predict(x, verbose=0),
        old.lstm((x - mean) / np.sqrt(variance + 1e-3) * gamma + beta, gates) @ W + b,
    )


def test_branches_of_a_sequential(tmp_path):
    """The layers of merged branches stand in the file one by one, the branches do not."""
    W, b, V, c, U, d = (
        numbers(3, 2),
        numbers(2, seed=1),
        numbers(4, 2, seed=2),
        numbers(2, seed=3),
        numbers(4, 1, seed=4),
        numbers(1, seed=5),
    )
    left = sequential(
        keras1(
            "Dense",
            "dense_1",
            batch_input_shape=[None, 3],
            output_dim=2,
            init="uniform",
            activation="linear",
            bias=True,
        )
    )
    right = sequential(
        keras1(
            "Dense", "dense_2", batch_input_shape=[None, 4], output_dim=2, init="uniform", activation="relu", bias=True
        )
    )
    merge = keras1(
        "Merge",
        "merge_1",
        layers=[left, right],
        mode="concat",
        mode_type="raw",
        concat_axis=-1,
        dot_axes=-1,
        output_shape=None,
        output_shape_type="raw",
        output_mask=None,
        output_mask_type="raw",
        arguments={},
    )
    config = sequential(merge, keras1("Dense", "dense_3", output_dim=1, init="uniform", activation="linear", bias=True))
    old.write_model(
        tmp_path / "m.h5",
        "1.2.2",
        config,
        [("dense_1", pair("dense_1", W, b)), ("dense_2", pair("dense_2", V, c)), ("dense_3", pair("dense_3", U, d))],
    )
    x, y = numbers(5, 3, seed=6), numbers(5, 4, seed=7)
    close(
        load(tmp_path / "m.h5").predict([x, y], verbose=0),
        np.concatenate([x @ W + b, np.maximum(y @ V + c, 0)], -1) @ U + d,
    )
