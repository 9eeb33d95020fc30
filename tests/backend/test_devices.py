"""The seam: how a device is found, what it must bring, and that nothing above it mixes host and device values."""

import importlib
import importlib.metadata
import os
import subprocess
import sys

import numpy as np
import pytest

from kerasish import backend, ops
from kerasish.backend.primitives import PRIMITIVES
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
    import kerasish as keras

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
