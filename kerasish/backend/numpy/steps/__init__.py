"""Native steps of the CPU device's heavy primitives.

Which kernel of `native/` does a call, on what tiles, by how many workers.

A maker is registered under the primitive's name, `maker(out, *inputs, **attributes)`, and returns a NativeStep, a list
of them, or None for operands that the NumPy kernel keeps (half precision, empty arrays, odd layouts).
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import numpy as np

from kerasish.backend.numpy.native import available
from kerasish.entries import entering
from kerasish.typing import TensorLike

__all__ = [
    "make",
    "native_steps",
]

MAKERS: dict[str, Any] = {}
native_steps = entering(MAKERS)  # the function below makes the native steps of the primitives of these names
_REAL = np.dtype("float32")


@lru_cache
def _makers():
    for module in iter_modules(__path__):  # each enters its makers here
        import_module(f"{__name__}.{module.name}")
    return MAKERS


def make(name: str, out: Any, inputs: TensorLike, attributes: dict[str, Any]) -> Any:
    """The native step or steps of a call, or None."""
    if not available.enabled() or any(getattr(x, "dtype", _REAL).kind == "c" for x in (out, *inputs)):
        return None  # kernels are written for real numbers
    maker = _makers().get(name)
    return None if maker is None else maker(out, *inputs, **attributes)
