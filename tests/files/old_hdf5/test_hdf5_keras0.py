"""Files of Keras 0.3, whose weights are numbered."""

import h5py
import numpy as np

import kerasish
from tests.files.old_hdf5 import old_files as old
from tests.files.old_hdf5.loading import close, load_weights
from tests.files.old_hdf5.old_files import numbers

# -- Keras 0.3 ------------------------------------------------------------------------------------------------------


def test_numbered_weights(tmp_path):
    """Before Keras 1: no names; layers without weights are counted.

    Batch normalization divides by a standard deviation plus epsilon; Theano computed.
    """
    kernel, bias = numbers(3, 3, 2, 4), numbers(4, seed=1)
    gamma, beta, mean, deviation = (
        numbers(4, seed=2),
        numbers(4, seed=3),
        numbers(4, seed=4),
        numbers(4, seed=5, low=0.5, high=2),
    )
    gates = old.gate_arrays("ifco", 4, 3, seed=10)
    layers, x = kerasish.layers, numbers(2, 2, 5, 6, seed=50)
    model = kerasish.Sequential(
        [
            kerasish.Input((2, 5, 6)),
            layers.Conv2D(4, 3, data_format="channels_first", name="conv"),
            layers.Activation("relu"),
            layers.BatchNormalization(axis=1, epsilon=1e-6),
            layers.Permute((2, 3, 1)),
            layers.Reshape((12, 4)),
            layers.LSTM(3, recurrent_activation="sigmoid"),
        ]
    )
    old.write_numbered(
        tmp_path / "w.h5",
        [
            [kernel.transpose(3, 2, 0, 1), bias],
            [],
            [gamma, beta, mean, deviation],
            [],
            [],
            [array for gate in "icfo" for array in gates[gate]],
        ],
    )
    load_weights(model, tmp_path / "w.h5")
    hidden = np.maximum(old.correlate(x.transpose(0, 2, 3, 1), kernel, flip=True) + bias, 0)
    hidden = ((hidden - mean) / (deviation + 1e-6) * gamma + beta).reshape(2, 12, 4)
    close(model.predict(x, verbose=0), old.lstm(hidden, gates, inner=old.sigmoid))


def test_numbered_weights_that_note_their_backend(tmp_path):
    kernel, bias, x = numbers(3, 3, 2, 4), numbers(4, seed=1), numbers(2, 5, 6, 2, seed=50)
    old.write_numbered(tmp_path / "w.h5", [[kernel, bias]])
    with h5py.File(tmp_path / "w.h5", "a") as file:
        file.attrs["backend"] = b"tensorflow"
    model = kerasish.Sequential([kerasish.Input((5, 6, 2)), kerasish.layers.Conv2D(4, 3)])
    load_weights(model, tmp_path / "w.h5")
    close(model.predict(x, verbose=0), old.correlate(x, kernel) + bias)
