"""The CuPy device on its stand-in, for a test."""

import contextlib
import importlib
import sys

from kerasish import backend
from tests import cupy_standin

_device = importlib.import_module("kerasish.backend.device")  # the package's `device` is the function


@contextlib.contextmanager
def standing_in():
    """The device, without a card with the stand-in for its `cupy`; then what was there before."""
    before, chosen = backend.device(), backend.backend()
    there = {name: module for name, module in sys.modules.items() if name.split(".")[0] in ("cupy", "cupyx", "cudnn")}
    if not cupy_standin.has_card():
        cupy_standin.install()
    try:
        backend.set_backend("cupy")
        importlib.import_module("kerasish.backend.cupy.indices")._refused.clear()  # what other tests looked up
        yield backend.device()
    finally:
        _device._current = before
        _device.settings()["backend"] = chosen
        if not cupy_standin.has_card():
            for name in [name for name in sys.modules if name.split(".")[0] in ("cupy", "cupyx", "cudnn")]:
                del sys.modules[name]
            sys.modules.update(there)
