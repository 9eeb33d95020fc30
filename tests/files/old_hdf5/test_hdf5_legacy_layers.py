"""Files of Keras 1 and 2 with layers that Keras 3 does not have."""

import numpy as np
import pytest

import kerasish
from tests.files.old_hdf5 import old_files as old
from tests.files.old_hdf5.loading import close, load, load_weights, sequential
from tests.files.old_hdf5.old_files import keras1, numbers

X = numbers(5, 4, seed=9)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("order", ["1.0", "1.2"])
def test_highway(tmp_path, order):
    """Before 1.2 each bias stood behind its kernel."""
    W, C, b, c = numbers(4, 4), numbers(4, 4, seed=1), numbers(4, seed=2), numbers(4, seed=3)
    named = [("h_W:0", W), ("h_W_carry:0", C), ("h_b:0", b), ("h_b_carry:0", c)]
    stored = named if order == "1.2" else [named[0], named[2], named[1], named[3]]
    config = keras1("Highway", "h", init="glorot_uniform", activation="tanh", bias=True, input_dim=4)
    config["config"]["batch_input_shape"] = [None, 4]
    old.write_model(tmp_path / "m.h5", f"{order}.0", sequential(config), [("h", stored)])
    gate = sigmoid(X @ C + c)
    close(load(tmp_path / "m.h5").predict(X, verbose=0), gate * np.tanh(X @ W + b) + (1 - gate) * X)


def test_maxout_and_activations(tmp_path):
    W, b, slopes = numbers(2, 4, 3), numbers(2, 3, seed=1), [numbers(3, seed=seed) for seed in range(2, 6)]
    config = sequential(
        keras1("MaxoutDense", "m", batch_input_shape=[None, 4], output_dim=3, nb_feature=2, init="zero", bias=True),
        keras1("SReLU", "s", t_left_init="zero", a_left_init="zero", t_right_init="one", a_right_init="one"),
        keras1("ThresholdedReLU", "t", theta=0.1),
    )
    names = ("t_left", "a_left", "t_right", "a_right")
    layers = [
        ("m", [("m_W:0", W), ("m_b:0", b)]),
        ("s", [(f"s_{name}:0", slope) for name, slope in zip(names, slopes)]),
        ("t", []),
    ]
    old.write_model(tmp_path / "m.h5", "1.2.2", config, layers)
    x = np.max(np.einsum("ni,kio->nko", X, W) + b, axis=1)
    left, below, distance, above = slopes
    right = left + np.abs(distance)
    x = np.where(x < left, left + below * (x - left), np.where(x > right, right + above * (x - right), x))
    close(load(tmp_path / "m.h5").predict(X, verbose=0), np.where(x > 0.1, x, 0))


@pytest.mark.parametrize("mode", [1, 2])
def test_normalization_by_mode(tmp_path, mode):
    gamma, beta = numbers(4, seed=1), numbers(4, seed=2)
    config = keras1("BatchNormalization", "bn", epsilon=1e-3, mode=mode, axis=-1, momentum=0.99)
    config["config"]["batch_input_shape"] = [None, 4]
    named = [
        ("gamma", gamma),
        ("beta", beta),
        ("running_mean", numbers(4, seed=3)),
        ("running_std", numbers(4, seed=4)),
    ]
    old.write_model(
        tmp_path / "m.h5", "1.2.2", sequential(config), [("bn", [(f"bn_{name}:0", array) for name, array in named])]
    )
    if mode == 1:
        wanted = (X - X.mean(-1, keepdims=True)) / (np.sqrt(X.var(-1, keepdims=True) + 1e-3) + 1e-3)
    else:
        wanted = (X - X.mean(0)) / np.sqrt(X.var(0) + 1e-3)
    close(load(tmp_path / "m.h5").predict(X, verbose=0), wanted * gamma + beta)


@pytest.mark.parametrize("ordering", ["tf", "th"])
def test_locally_connected(tmp_path, ordering):
    x = numbers(2, 3, 4, 2, seed=5)  # channels last
    W = numbers(6, 2 * 2 * 2, 3)
    first = ordering == "th"
    config = keras1(
        "LocallyConnected2D",
        "lc",
        batch_input_shape=[None, 2, 3, 4] if first else [None, 3, 4, 2],
        nb_filter=3,
        nb_row=2,
        nb_col=2,
        init="glorot_uniform",
        activation="linear",
        border_mode="valid",
        subsample=[1, 1],
        dim_ordering=ordering,
        bias=False,
    )
    old.write_model(tmp_path / "m.h5", "1.2.2", sequential(config), [("lc", [("lc_W:0", W)])])
    wanted = np.zeros((2, 2, 3, 3))
    for i in range(2):
        for j in range(3):
            window = x[:, i : i + 2, j : j + 2]
            window = np.moveaxis(window, -1, 1) if first else window
            wanted[:, i, j] = window.reshape(2, -1) @ W[3 * i + j]
    given = np.moveaxis(x, -1, 1) if first else x
    close(load(tmp_path / "m.h5").predict(given, verbose=0), np.moveaxis(wanted, -1, 1) if first else wanted)


@pytest.mark.parametrize("ordering", ["tf", "th"])
def test_conv_lstm_of_twelve_arrays(tmp_path, ordering):
    first = ordering == "th"
    gates = {
        g: (numbers(3, 3, 2, 2, seed=i), numbers(3, 3, 2, 2, seed=i + 9), numbers(2, seed=i + 20))
        for i, g in enumerate("ifco")
    }

    def stored(kernel):
        return kernel.transpose(3, 2, 0, 1) if first else kernel

    arrays = [
        (f"r_{letter}_{g}:0", array)
        for g in "icfo"
        for letter, array in zip("WUb", (stored(gates[g][0]), stored(gates[g][1]), gates[g][2]))
    ]
    config = keras1(
        "ConvLSTM2D",
        "r",
        batch_input_shape=[None, 3, 2, 5, 4] if first else [None, 3, 5, 4, 2],
        nb_filter=2,
        nb_row=3,
        nb_col=3,
        init="glorot_uniform",
        inner_init="orthogonal",
        forget_bias_init="one",
        activation="tanh",
        inner_activation="hard_sigmoid",
        border_mode="same",
        dim_ordering=ordering,
        subsample=[1, 1],
        dropout_W=0.0,
        dropout_U=0.0,
        return_sequences=False,
        go_backwards=False,
        stateful=False,
    )
    old.write_model(tmp_path / "m.h5", "1.2.2", sequential(config), [("r", arrays)])
    x = numbers(2, 3, 5, 4, 2, seed=40)

    def convolve(images, kernel):
        return old.correlate(np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0))), kernel)

    h = c = np.zeros((2, 5, 4, 2))
    for step in range(3):
        z = {g: convolve(x[:, step], W) + convolve(h, U) + b for g, (W, U, b) in gates.items()}
        c = old.hard_sigmoid(z["f"]) * c + old.hard_sigmoid(z["i"]) * np.tanh(z["c"])
        h = old.hard_sigmoid(z["o"]) * np.tanh(c)
    given = np.moveaxis(x, -1, 2) if first else x
    close(load(tmp_path / "m.h5").predict(given, verbose=0), np.moveaxis(h, -1, 1) if first else h)


def test_a_cudnn_layer_of_a_program_takes_the_arrays_as_they_are(tmp_path):
    kernel, recurrent, bias = numbers(3, 16), numbers(4, 16, seed=1), numbers(32, seed=2)
    named = [("rnn/kernel:0", kernel), ("rnn/recurrent_kernel:0", recurrent), ("rnn/bias:0", bias)]
    config = keras1("CuDNNLSTM", "rnn", batch_input_shape=[None, 5, 3], units=4, return_sequences=False)
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": [config]}}
    old.write_model(tmp_path / "m.h5", "2.2.4", config, [("rnn", named)])
    model = kerasish.Sequential([kerasish.Input((5, 3)), kerasish.layers.CuDNNLSTM(4, name="rnn")])
    load_weights(model, tmp_path / "m.h5")
    assert [np.array_equal(*pair) for pair in zip(model.get_weights(), (kernel, recurrent, bias))] == [True] * 3
    x = numbers(2, 5, 3, seed=7)
    close(model.predict(x, verbose=0), load(tmp_path / "m.h5").predict(x, verbose=0))


def test_merge_by_a_function_that_the_program_gives(tmp_path):
    W, V = numbers(4, 3), numbers(4, 3, seed=1)

    def branch(name):
        dense = keras1("Dense", name, batch_input_shape=[None, 4], output_dim=3, init="zero", bias=False)
        return {"class_name": "Sequential", "config": [dense]}

    merge = keras1(
        "Merge", "m", mode="far", mode_type="function", layers=[branch("a"), branch("b")], arguments={"by": 2}
    )
    config = sequential(merge)
    old.write_model(tmp_path / "m.h5", "1.2.2", config, [("a", [("a_W:0", W)]), ("b", [("b_W:0", V)])])
    with pytest.raises(ValueError, match="'m'.*is code.*custom_objects"):
        load(tmp_path / "m.h5")
    model = load(tmp_path / "m.h5", custom_objects={"far": lambda tensors, by: tensors[0] - by * tensors[1]})
    close(model.predict([X, X], verbose=0), X @ W - 2 * (X @ V))
