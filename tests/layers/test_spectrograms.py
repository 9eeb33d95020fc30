"""MelSpectrogram and STFTSpectrogram against real Keras, and what they refuse."""

import keras as oracle
import numpy as np
import pytest

import kerasish
from kerasish import layers, ops
from tests.layers.parity import Case, check_layer

RNG = np.random.default_rng(5)
SIGNALS = RNG.standard_normal((2, 40, 3)).astype("float32")
SOUNDS = RNG.standard_normal((2, 200)).astype("float32") * np.array([[1.0], [30.0]], "float32")
SMALL = {"fft_length": 64, "sequence_stride": 16, "num_mel_bins": 7, "sampling_rate": 8000}
WINDOW = np.linspace(0.1, 1.0, 8).astype("float32")


def stft(inputs=SIGNALS, **arguments):
    """Half precision is compared in `test_half_precision`: its sums and logarithms of small numbers are far apart."""
    return Case(
        "STFTSpectrogram", {"frame_length": 8, **arguments}, inputs, rtol=2e-4, atol=2e-5, mixed=False,
        differentiable=arguments.get("mode") != "angle",
    )  # fmt: skip


def mel(inputs=SOUNDS, **arguments):
    """Half precision, as above."""
    return Case("MelSpectrogram", {**SMALL, **arguments}, inputs, rtol=2e-4, atol=2e-4, mixed=False)


CASES = [
    *(stft(mode=mode) for mode in ("log", "magnitude", "psd", "real", "imag", "angle", "stft")),
    *(stft(mode="psd", scaling=scaling) for scaling in ("density", "spectrum", None)),
    *(stft(mode="real", window=window) for window in ("hann", "hamming", "blackman", None)),
    stft(mode="real", periodic=True), stft(mode="stft", padding="same"), stft(mode="log", frame_step=3),
    stft(mode="log", frame_step=8, padding="same"), stft(mode="magnitude", fft_length=32),
    stft(mode="magnitude", frame_length=6), stft(mode="psd", expand_dims=True), stft(mode="stft", expand_dims=True),
    stft(SIGNALS[..., :1], mode="log", trainable=False),
    *(stft(SIGNALS.transpose(0, 2, 1).copy(), mode="stft", data_format="channels_first", expand_dims=expand)
      for expand in (False, True)),
    mel(), mel(SOUNDS[0]), mel(window="hamming"), mel(window=None), mel(sequence_length=50), mel(fft_length=50),
    mel(num_mel_bins=12), mel(sampling_rate=16000), mel(min_freq=100.0), mel(max_freq=3000.0), mel(sequence_stride=20),
    mel(power_to_db=False), mel(power_to_db=False, mag_exp=1.0), mel(top_db=10.0), mel(min_power=100.0),
    mel(ref_power=5.0),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_layer(case):
    check_layer(case)


@pytest.mark.parametrize("name, arguments, x", [
    ("STFTSpectrogram", {"frame_length": 8, "window": WINDOW, "mode": "real"}, SIGNALS),
    ("MelSpectrogram", {**SMALL, "window": np.ones(64, "float32")}, SOUNDS),
])  # fmt: skip
def test_a_window_of_values(name, arguments, x, tmp_path):
    ours, theirs = getattr(layers, name)(**arguments), getattr(oracle.layers, name)(**arguments)
    wanted = np.asarray(theirs(x))
    np.testing.assert_allclose(ops.convert_to_numpy(ours(x)), wanted, rtol=2e-4, atol=2e-4)
    again = type(ours).from_config(ours.get_config())
    np.testing.assert_allclose(ops.convert_to_numpy(again(x)), wanted, rtol=2e-4, atol=2e-4)
    model = kerasish.Sequential([kerasish.Input(x.shape[1:]), ours])
    model.save(tmp_path / "m.keras")
    loaded = kerasish.models.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(loaded.predict(x, verbose=0), wanted, rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize("dtype", ["float16", "mixed_float16"])
def test_half_precision(dtype):
    for name, arguments, x in (
        ("STFTSpectrogram", {"frame_length": 8, "mode": "magnitude"}, SIGNALS),
        ("MelSpectrogram", SMALL, SOUNDS[:1]),
    ):
        ours, theirs = (getattr(lib.layers, name)(dtype=dtype, **arguments) for lib in (kerasish, oracle))
        found, wanted = ops.convert_to_numpy(ours(x)), np.asarray(theirs(x))
        assert found.dtype == wanted.dtype == "float16"
        np.testing.assert_allclose(found, wanted, rtol=2e-2, atol=5e-2)


def test_open_sizes():
    assert layers.STFTSpectrogram(frame_length=16)(kerasish.Input((None, 2))).shape == (None, None, 18)
    assert layers.STFTSpectrogram(frame_length=16)(kerasish.Input((50, None))).shape == (None, 5, None)
    assert layers.MelSpectrogram(**SMALL)(kerasish.Input((None,))).shape == (None, 7, None)
    assert layers.MelSpectrogram(**SMALL)(kerasish.KerasTensor((None,))).shape == (7, None)
    assert tuple(layers.MelSpectrogram(**SMALL).compute_output_shape((3, 400))) == (3, 7, 26)
    model = kerasish.Sequential([kerasish.Input((None, 1)), layers.STFTSpectrogram("log", 8)])
    for count in (16, 23):
        wanted = layers.STFTSpectrogram("log", 8)(SIGNALS[:, :count, :1])
        found = model.predict(SIGNALS[:, :count, :1], verbose=0)
        np.testing.assert_allclose(found, ops.convert_to_numpy(wanted), rtol=1e-4, atol=1e-5)


def test_a_signal_shorter_than_a_frame():
    short = SOUNDS[:, :20]
    found, wanted = layers.MelSpectrogram(**SMALL)(short), oracle.layers.MelSpectrogram(**SMALL)(short)
    np.testing.assert_allclose(ops.convert_to_numpy(found), np.asarray(wanted), rtol=2e-4, atol=2e-3)


def test_kernels_are_trained_unless_the_layer_is_frozen():
    x = SIGNALS[..., :1]
    for trainable in (True, False):
        model = kerasish.Sequential([layers.STFTSpectrogram("psd", 8, trainable=trainable), layers.Dense(1)])
        model.compile("sgd", "mse")
        model.train_on_batch(x, x[:, :9])
        fresh = layers.STFTSpectrogram("psd", 8)
        fresh.build(x.shape)
        changed = ops.convert_to_numpy(model.layers[0].real_kernel) != ops.convert_to_numpy(fresh.real_kernel)
        assert changed.any() == trainable


def test_whole_numbers_are_signals_for_mel():
    x = (SOUNDS[:1] * 100).astype("int16")
    found, wanted = layers.MelSpectrogram(**SMALL)(x), oracle.layers.MelSpectrogram(**SMALL)(x)
    np.testing.assert_allclose(ops.convert_to_numpy(found), np.asarray(wanted), rtol=2e-4, atol=2e-4)


REFUSED = [
    ("STFTSpectrogram", {"mode": "power"}, ValueError, "`mode` must be one of"),
    ("STFTSpectrogram", {"scaling": "peak"}, ValueError, "`scaling` must be one of"),
    ("STFTSpectrogram", {"padding": "full"}, ValueError, "`padding` must be one of"),
    ("STFTSpectrogram", {"frame_length": 0}, ValueError, "`frame_length` must be a whole number"),
    ("STFTSpectrogram", {"frame_length": 3.5}, ValueError, "`frame_length` must be a whole number"),
    ("STFTSpectrogram", {"frame_length": "16"}, TypeError, "`frame_length` must be a whole number"),
    ("STFTSpectrogram", {"frame_step": 0}, ValueError, "`frame_step` must be a whole number"),
    ("STFTSpectrogram", {"frame_step": 300}, ValueError, "`frame_step` must be no more than `frame_length`=256"),
    ("STFTSpectrogram", {"fft_length": 100}, ValueError, "`fft_length` must be at least `frame_length`=256"),
    ("STFTSpectrogram", {"window": "han n"}, ValueError, "window"),
    ("STFTSpectrogram", {"window": np.ones(5)}, ValueError, "`window` must be"),
    ("STFTSpectrogram", {"window": 3}, ValueError, "`window` must be"),
    ("STFTSpectrogram", {"data_format": "last"}, ValueError, "`data_format`"),
    ("MelSpectrogram", {"fft_length": 0}, ValueError, "`fft_length` must be a whole number"),
    ("MelSpectrogram", {"fft_length": 256.0}, ValueError, "`fft_length` must be a whole number"),
    ("MelSpectrogram", {"sequence_stride": 0}, ValueError, "`sequence_stride` must be a whole number"),
    ("MelSpectrogram", {"sequence_length": 4096}, ValueError, "`fft_length` must be at least `sequence_length`=4096"),
    ("MelSpectrogram", {"num_mel_bins": 0}, ValueError, "`num_mel_bins` must be a whole number"),
    ("MelSpectrogram", {"sampling_rate": -1}, ValueError, "`sampling_rate` must be a whole number"),
    ("MelSpectrogram", {"window": "kaiser"}, ValueError, "`window` must be 'hann', 'hamming'"),
    ("MelSpectrogram", {"window": np.ones(5)}, ValueError, "`window` must have shape"),
    ("MelSpectrogram", {"min_freq": -3.0}, ValueError, "`min_freq` must not be negative"),
    ("MelSpectrogram", {"min_freq": 9000.0}, ValueError, "`min_freq` must not be negative, and be less"),
    ("MelSpectrogram", {"top_db": None}, ValueError, "`top_db` must be a number"),
]


@pytest.mark.parametrize("name, arguments, error, complaint", REFUSED)
def test_refuses(name, arguments, error, complaint):
    with pytest.raises(error, match=complaint):
        getattr(layers, name)(**arguments)


@pytest.mark.parametrize("x, error, complaint", [
    (np.zeros((4, 5), "float32"), ValueError, "expected ndim=3"),
    (np.zeros((2, 100, 3), "int32"), TypeError, "`inputs` must be of float16, float32 or float64, got int32"),
    (np.zeros((2, 10, 3), "float32"), ValueError, "."),
])  # fmt: skip
def test_inputs_that_are_no_signals(x, error, complaint):
    with pytest.raises(error, match=complaint):
        layers.STFTSpectrogram(frame_length=16)(x)
    with pytest.raises(ValueError, match="takes signals"):
        layers.MelSpectrogram(**SMALL)(np.float32(3.0))


def test_lengths_that_are_no_powers_of_two_are_spoken_of():
    with pytest.warns(UserWarning, match="`fft_length`=300 is no power of two"):
        layers.STFTSpectrogram(fft_length=300)
