"""The seam: how a device is found, what it must bring, and that nothing above it mixes host and device values."""

import importlib
import importlib.metadata
import itertools
import os
import subprocess
import sys

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, layers, ops, utils
from kerasish.backend.primitives import PRIMITIVES
from kerasish.preprocessing.image_data_generator import ImageDataGenerator
from kerasish.preprocessing.timeseries_generator import TimeseriesGenerator
from tests.backend.primitives.harness import HIGHER_ORDER_NAMES
from tests.read_by_numpy import Reading
from tests.strict_device.device import StrictDevice

device_module = importlib.import_module("kerasish.backend.device")  # the package's `device` is the function


@pytest.fixture
def strict():
    """The strict device for one test, then the one before it."""
    before = backend.device()
    backend.register_device("strict", StrictDevice)
    backend.set_backend("strict")
    yield backend.device()
    device_module._current = before
    device_module.settings()["backend"] = before.name


def run_python(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True
    )


@pytest.mark.parametrize("make", [lambda: device_module._start("numpy"), StrictDevice], ids=["numpy", "strict"])
def test_every_device_has_every_kernel(make):
    device = make()
    needed = set(PRIMITIVES) - set(HIGHER_ORDER_NAMES)
    device.check(needed)
    del (kernels := dict(device.kernels))["add"]
    device.kernels = kernels
    with pytest.raises(ValueError, match="lacks kernels for: add"):
        device.check(needed)


def test_a_model_trains_on_the_strict_device(strict):
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.2), keras.layers.Dense(1)]
    )
    model.compile("adam", "mse", metrics=["mae"])
    x = np.random.default_rng(0).standard_normal((32, 4)).astype("float32")
    losses = model.fit(x, x[:, :1], epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert type(model.weights[0]._buffer).__name__ == "StrictArray"
    assert isinstance(model.predict(x, verbose=0), np.ndarray)


def test_the_strict_device_refuses_to_mix(strict):
    mine = backend.Variable([1.0]).value
    with pytest.raises(TypeError, match="may not be mixed"):
        strict.kernels["add"](mine, mine, np.ones(1, "float32"))
    for convert in (np.asarray, float, bool):
        with pytest.raises(TypeError):
            convert(mine)


def test_values_of_the_host_are_copied_there(strict, monkeypatch):
    """Texts and objects too, which no device has."""
    monkeypatch.setattr(strict, "from_host", lambda array: pytest.fail("it went to the device"))
    for value in (np.ones((2, 3)), np.array(["a", "b"]), np.array([object()])):
        for copied in (ops.convert_to_numpy(value), backend.get_value(value)):
            assert copied is not value and copied.dtype == value.dtype and (copied == value).all()
    assert ops.convert_to_numpy([[1, 2], [3, 4]]).dtype == "int32"
    assert ops.convert_to_numpy(2.5).dtype == "float32"


def test_a_test_reads_values_of_any_device_by_numpy(strict):
    """As its `np` does under `--device cupy`."""
    reading, mine, sums = Reading(np), backend.Variable([1.0, 2.0]).value, np.zeros(2)
    reading.testing.assert_array_equal(mine, [1, 2])
    reading.add.at(sums, [1, 1], mine)
    assert reading.add.reduce(mine) == 3 and sums.tolist() == [0, 3] and reading.float32 is np.float32


MATRIX = np.arange(12, dtype="float32").reshape(4, 3) - 5
PICTURES = np.random.default_rng(0).uniform(0, 255, (4, 8, 8, 3)).astype("float32")
NUMBERS = np.array([0, 2, 1, 0], "int32")
OF_THE_HOST = {  # what computes there, of values of any device
    "to_categorical": lambda t: utils.to_categorical(t(NUMBERS)),
    "normalize": lambda t: utils.normalize(t(MATRIX)),
    "pad_sequences": lambda t: utils.pad_sequences([t(NUMBERS), t(NUMBERS[:2])]),
    "pad_sequences of a matrix": lambda t: utils.pad_sequences(t(NUMBERS[:, None]), 2),
    "timeseries_dataset_from_array": lambda t: list(utils.timeseries_dataset_from_array(t(MATRIX), t(NUMBERS), 2)),
    "split_dataset": lambda t: [list(part) for part in utils.split_dataset((t(MATRIX), t(NUMBERS)), 0.5)],
    "array_to_img": lambda t: np.asarray(utils.array_to_img(t(PICTURES)[0])),
    "IntegerLookup": lambda t: layers.IntegerLookup(vocabulary=t(NUMBERS[:3]))(NUMBERS),
    "ImageDataGenerator": lambda t: list(itertools.islice(pictures(t), 2)),
    "TimeseriesGenerator": lambda t: TimeseriesGenerator(t(MATRIX), t(NUMBERS), 2)[0],
    "nested lists": lambda t: ops.convert_to_tensor([[t(NUMBERS)[0], t(NUMBERS)[1]], [t(NUMBERS)[2], 7]]),
    "text of digits": lambda t: [ops.cast(np.array(["1", "2.5"]), "float32"), ops.convert_to_tensor(["3"], "int32")],
    "predict": lambda t: doubling().predict(t(MATRIX), verbose=0),
    "evaluate": lambda t: doubling().evaluate(t(MATRIX), t(MATRIX), sample_weight=t(MATRIX[:, 0] ** 2), verbose=0),
}


def pictures(t):
    return ImageDataGenerator(rescale=0.5).flow(t(PICTURES), t(NUMBERS), sample_weight=t(NUMBERS), shuffle=False)


def doubling():
    model = keras.Sequential([keras.Input((3,)), layers.Rescaling(2.0)])
    model.compile(loss="mse")
    return model


@pytest.mark.filterwarnings("ignore:.*spelling of an older Keras:DeprecationWarning")
@pytest.mark.parametrize("name", OF_THE_HOST)
def test_what_computes_on_the_host_takes_arrays_of_the_device(request, name):
    def values(t):
        return [np.asarray(ops.convert_to_numpy(part)) for part in keras.tree.flatten(OF_THE_HOST[name](t))]

    wanted = values(np.array)
    request.getfixturevalue("strict")
    for found, expected in zip(values(ops.convert_to_tensor), wanted, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6)
        assert found.dtype == expected.dtype


def test_names():
    assert "numpy" in backend.available_devices()
    with pytest.raises(ValueError, match="Did you mean 'numpy'"):
        backend.set_backend("numppy")


def test_an_entry_point_that_fails_says_what_to_do(monkeypatch):
    class Broken:
        name, value = "broken", "nowhere:Device"

        def load(self):
            raise ImportError("no driver")

    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [Broken()])
    with pytest.raises(RuntimeError, match="no driver.*Install what it needs"):
        backend.set_backend("broken")


def test_environment_and_settings_file_choose_the_device(tmp_path):
    show = "import kerasish as k; print(k.backend.backend(), k.config.floatx(), k.config.image_data_format())"
    (tmp_path / "kerasish.json").write_text('{"floatx": "float64", "image_data_format": "channels_first"}')
    assert run_python(show, KERASISH_HOME=str(tmp_path)).stdout.split() == ["numpy", "float64", "channels_first"]
    failed = run_python("import kerasish as k; k.Variable(1.0)", KERASISH_BACKEND="nonsense")
    assert "Unknown backend 'nonsense'" in failed.stderr
    (tmp_path / "kerasish.json").write_text('{"floatx": "float65"}')
    assert "`floatx` must be one of" in run_python(show, KERASISH_HOME=str(tmp_path)).stderr
    (tmp_path / "kerasish.json").write_text("{")
    assert "not valid JSON" in run_python(show, KERASISH_HOME=str(tmp_path)).stderr
