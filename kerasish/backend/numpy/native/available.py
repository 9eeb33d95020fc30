"""Whether native kernels are used: llvmlite must be installed, and KERASISH_NATIVE must not be 0."""

import os
from importlib.util import find_spec

_enabled = None


def enabled():
    """Whether kernels are compiled in this process."""
    global _enabled
    if _enabled is None:
        _enabled = os.environ.get("KERASISH_NATIVE", "1") != "0" and find_spec("llvmlite") is not None
    return _enabled


def use(native):
    """Turn native kernels on (where llvmlite is installed) or off for what is compiled from now on; returns what was set before."""
    global _enabled
    before = enabled()
    _enabled = bool(native) and find_spec("llvmlite") is not None
    return before
