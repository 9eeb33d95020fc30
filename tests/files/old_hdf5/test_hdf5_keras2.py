"""Files of Keras 2.2 and 2.3: opened here, they predict what those versions computed."""

import h5py
import numpy as np
import pytest

import kerasish
from tests.files.old_hdf5 import old_files as old
from tests.files.old_hdf5.loading import close, load, load_weights, pair
from tests.files.old_hdf5.old_files import numbers

# -- Keras 2 --------------------------------------------------------------------------------------------------------


def keras2(class_name, name, **config):
    return {"class_name": class_name, "config": {"name": name, "trainable": True, **config}}


def model2(*layers):
    return {"class_name": "Sequential", "config": {"name": "sequential_1", "layers": list(layers)}}


def test_theano_kernels_of_keras_2(tmp_path):
    kernel, bias, x = numbers(3, 2, 3, 4), numbers(4, seed=1), numbers(2, 7, 5, 3, seed=4)
    config = model2(
        keras2(
            "Conv2D",
            "conv",
            batch_input_shape=[None, 7, 5, 3],
            filters=4,
            kernel_size=[3, 2],
            strides=[1, 1],
            padding="valid",
            data_format="channels_last",
            activation="linear",
        )
    )
    old.write_model(
        tmp_path / "m.h5", "2.2.4", config, [("conv", [("conv/kernel", kernel), ("conv/bias", bias)])], backend="theano"
    )
    close(load(tmp_path / "m.h5").predict(x, verbose=0), old.correlate(x, kernel, flip=True) + bias)


def cudnn(gates, order):
    """(kernel, recurrent kernel) as the cuDNN layers keep them.

    What they multiply by from the left, row by row, in the shape of today's kernel.
    """
    kernel = np.concatenate([gates[name][0].T.reshape(gates[name][0].shape) for name in order], axis=1)
    return kernel, np.concatenate([gates[name][1].T for name in order], axis=1)


def cudnn_layer(class_name, units, shape=None):
    shaped = {"batch_input_shape": shape} if shape else {}
    return keras2(
        class_name,
        "rnn",
        units=units,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        **shaped,
    )


def test_cudnn_lstm(tmp_path):
    gates, x = old.gate_arrays("ifco", 3, 4), numbers(2, 5, 3, seed=50)
    half, other = np.concatenate([gates[name][2] for name in "ifco"]), numbers(16, seed=51)
    kernel, recurrent_kernel = cudnn(gates, "ifco")
    arrays = [
        ("rnn/kernel:0", kernel),
        ("rnn/recurrent_kernel:0", recurrent_kernel),
        ("rnn/bias:0", np.concatenate([half - other, other])),
    ]
    old.write_model(tmp_path / "m.h5", "2.2.4", model2(cudnn_layer("CuDNNLSTM", 4, [None, 5, 3])), [("rnn", arrays)])
    close(load(tmp_path / "m.h5").predict(x, verbose=0), old.lstm(x, gates, inner=old.sigmoid))


def test_cudnn_gru(tmp_path):
    """Two biases: the reset gate scales the product and the second one."""
    gates, x, second = old.gate_arrays("zrh", 3, 4), numbers(2, 5, 3, seed=50), numbers(3, 4, seed=51)
    kernel, recurrent_kernel = cudnn(gates, "zrh")
    bias = np.concatenate([*(gates[name][2] for name in "zrh"), second.ravel()])
    arrays = [("rnn/kernel:0", kernel), ("rnn/recurrent_kernel:0", recurrent_kernel), ("rnn/bias:0", bias)]
    old.write_model(tmp_path / "m.h5", "2.2.4", model2(cudnn_layer("CuDNNGRU", 4, [None, 5, 3])), [("rnn", arrays)])
    (Wz, Uz, bz), (Wr, Ur, br), (Wh, Uh, bh) = (gates[name] for name in "zrh")
    h = np.zeros((2, 4))
    for step in range(5):
        now = x[:, step]
        z, r = old.sigmoid(now @ Wz + bz + h @ Uz + second[0]), old.sigmoid(now @ Wr + br + h @ Ur + second[1])
        h = z * h + (1 - z) * np.tanh(now @ Wh + bh + r * (h @ Uh + second[2]))
    close(load(tmp_path / "m.h5").predict(x, verbose=0), h)


def test_bidirectional_cudnn_lstm(tmp_path):
    forward, backward, x = (
        old.gate_arrays("ifco", 3, 2),
        old.gate_arrays("ifco", 3, 2, seed=20),
        numbers(2, 5, 3, seed=50),
    )
    arrays = []
    for name, gates in (("forward", forward), ("backward", backward)):
        kernel, recurrent_kernel = cudnn(gates, "ifco")
        bias = np.concatenate([*(gates[gate][2] for gate in "ifco"), np.zeros(8, "float32")])
        arrays += [
            (f"both/{name}_rnn/kernel:0", kernel),
            (f"both/{name}_rnn/recurrent_kernel:0", recurrent_kernel),
            (f"both/{name}_rnn/bias:0", bias),
        ]
    config = model2(
        keras2(
            "Bidirectional",
            "both",
            batch_input_shape=[None, 5, 3],
            merge_mode="concat",
            layer=cudnn_layer("CuDNNLSTM", 2),
        )
    )
    old.write_model(tmp_path / "m.h5", "2.2.4", config, [("both", arrays)])
    wanted = np.concatenate([old.lstm(x, forward, old.sigmoid), old.lstm(x[:, ::-1], backward, old.sigmoid)], -1)
    close(load(tmp_path / "m.h5").predict(x, verbose=0), wanted)


def test_bidirectional_lstm_of_keras_2_3(tmp_path):
    """Keras issue 19898.

    An inner layer with `implementation` and the old hard sigmoid, and arrays under the names of two layers.
    """
    forward, backward, x = (
        old.gate_arrays("ifco", 3, 2),
        old.gate_arrays("ifco", 3, 2, seed=20),
        numbers(2, 5, 3, seed=50),
    )
    inner = keras2(
        "LSTM",
        "lstm_1",
        dtype="float32",
        return_sequences=True,
        return_state=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        units=2,
        activation="tanh",
        recurrent_activation="hard_sigmoid",
        use_bias=True,
        unit_forget_bias=True,
        dropout=0.0,
        recurrent_dropout=0.0,
        implementation=2,
    )
    config = model2(
        keras2("Bidirectional", "bidirectional_1", batch_input_shape=[None, 5, 3], merge_mode="concat", layer=inner)
    )
    arrays = []
    for name, gates in (("forward", forward), ("backward", backward)):
        for part, array in zip(
            ("kernel", "recurrent_kernel", "bias"),
            (np.concatenate([gates[gate][i] for gate in "ifco"], -1) for i in range(3)),
        ):
            arrays.append((f"bidirectional_1/{name}_lstm_1/{part}:0", array))
    old.write_model(tmp_path / "m.h5", "2.3.1", config, [("bidirectional_1", arrays)])
    wanted = np.concatenate(
        [old.lstm(x, forward, sequences=True), old.lstm(x[:, ::-1], backward, sequences=True)[:, ::-1]], -1
    )
    close(load(tmp_path / "m.h5").predict(x, verbose=0), wanted)


@pytest.mark.parametrize("after, shape, word", [(True, (6,), "reset_after=False"), (False, (2, 6), "reset_after=True")])
def test_gru_of_the_other_kind(tmp_path, after, shape, word):
    """The message says which argument makes them fit."""
    with h5py.File(tmp_path / "w.h5", "w") as file:
        old.write_weights(
            file,
            [
                (
                    "gru",
                    [
                        ("gru/kernel:0", numbers(3, 6)),
                        ("gru/recurrent_kernel:0", numbers(2, 6)),
                        ("gru/bias:0", numbers(*shape)),
                    ],
                )
            ],
            "2.3.1",
            "tensorflow",
        )
    model = kerasish.Sequential([kerasish.Input((4, 3)), kerasish.layers.GRU(2, reset_after=after)])
    with pytest.raises(ValueError, match=word):
        load_weights(model, tmp_path / "w.h5")


def lstm_arrays(**changed):
    """The twelve arrays of an LSTM of 4 units on 2 inputs, some of them changed."""
    arrays = dict(old.listed("lstm_1", old.gate_arrays("ifco", 2, 4), "icfo"))
    assert {f"lstm_1_{name}:0" for name in changed} <= arrays.keys()
    return [
        (name, changed.get(name.removeprefix("lstm_1_").removesuffix(":0"), array)) for name, array in arrays.items()
    ]


@pytest.mark.parametrize(
    "arrays",
    [
        lstm_arrays(W_c=numbers(5, 4)),
        lstm_arrays(U_o=numbers(4, 4, 1)),
        lstm_arrays(b_f=np.float32(1)),
        lstm_arrays(b_i=np.float32(1)),
        lstm_arrays(W_i=numbers(2, 3), W_o=numbers(2, 5)),
        lstm_arrays(b_o=np.zeros(4, "V1")),
        lstm_arrays(b_o=np.zeros(4, "c8")),
        lstm_arrays(U_i=np.zeros((4, 4), [("a", "i1"), ("b", "i1")])),
    ],
    ids=["rows", "rank", "a scalar", "a scalar first", "widths that add up", "bytes", "complex", "pairs"],
)
def test_arrays_that_can_not_be_joined_change_nothing(arrays, tmp_path):
    """They stand behind a layer that fits, which would be set before they are computed."""
    path = str(tmp_path / "w.h5")
    with h5py.File(path, "w") as file:
        old.write_weights(file, [("first", pair("first", numbers(3, 2), numbers(2))), ("lstm_1", arrays)])
    model = kerasish.Sequential(
        [kerasish.Input((5, 3)), kerasish.layers.Dense(2, name="first"), kerasish.layers.LSTM(4, name="lstm_1")]
    )
    before = model.get_weights()
    with pytest.raises(ValueError):
        model.load_weights(path)
    for one, other in zip(model.get_weights(), before):
        np.testing.assert_array_equal(one, other)
