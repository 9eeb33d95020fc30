"""Real Keras is the oracle of these tests; it runs on JAX. `--device strict` runs them on the second device of `tests/strict_device`."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")


def pytest_addoption(parser):
    parser.addoption("--device", default="numpy", help="the device on which kerasish computes: numpy, strict, or an installed one")


def pytest_configure(config):
    name = config.getoption("--device")
    if name == "numpy":
        return
    from kerasish import backend

    if name == "strict":
        from tests.strict_device.device import StrictDevice

        backend.register_device("strict", StrictDevice)
    backend.set_backend(name)
