"""Native steps of primitives that NumPy does in this process.

A maker is registered under the primitive's name as those of `steps/` are, and is asked where they have none.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from kerasish.entries import entering

__all__ = ["form", "make"]

FORMS: dict[str, Any] = {}
form = entering(FORMS)  # the function below makes the native steps of the primitives of these names


@lru_cache
def _forms():
    for module in iter_modules(__path__):  # each enters its makers here
        import_module(f"{__name__}.{module.name}")
    return FORMS


def make(name: str, out: Any, inputs: Any, attributes: dict[str, Any]) -> Any:
    """The native step or steps of a call, or None."""
    maker = _forms().get(name)
    return None if maker is None else maker(out, *inputs, **attributes)
