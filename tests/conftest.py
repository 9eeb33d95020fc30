"""Real Keras is the oracle of these tests; it runs on JAX.

`--device strict` runs them on the second device of `tests/strict_device`, `--native off` without compiled kernels.
"""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("KERASISH_DEBUG", "check")  # what the compiler's passes promise is looked at behind each


def pytest_addoption(parser):
    parser.addoption(
        "--device", default="numpy", help="the device on which kerasish computes: numpy, strict, or an installed one"
    )
    parser.addoption(
        "--native",
        default="on",
        choices=["on", "off"],
        help="whether kernels are compiled; off: NumPy calls do the work",
    )


def pytest_configure(config):
    if config.getoption("--native") == "off":
        os.environ["KERASISH_NATIVE"] = "0"
    name = config.getoption("--device")
    if name == "numpy":
        return
    from kerasish import backend

    if name == "strict":
        from tests.strict_device.device import StrictDevice

        backend.register_device("strict", StrictDevice)
    backend.set_backend(name)
