"""The table of NumPy kernels.

A kernel is `fn(out, *inputs, **attributes)`; the files beside this one mirror `primitives/`.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any

import ml_dtypes  # noqa: F401  (NumPy knows bfloat16 and float8 by name from here on)
import numpy as np

from kerasish.backend.primitives import PRIMITIVES
from kerasish.entries import entering

KERNELS: dict[str, Any] = {}
VIEWS: dict[str, Any] = {}
kernel = entering(KERNELS)  # the function below is the kernel of the primitives of these names
view = entering(VIEWS)  # it returns a view that stands for the primitive's output, or None
_FILES = (
    "arithmetic",
    "select",
    "unary",
    "error_functions",
    "reduce",
    "movement",
    "linalg",
    "indexing",
    "sort",
    "random",
    "conv",
    "pool",
    "host",
    "creation",
    "special",
    "fourier",
    "complex_parts",
    "scatter",
    "decompositions",
    "table_rows",
    "communication",
    "sampling",
)


def from_ufunc(name: str, ufunc: Any) -> None:
    """Primitive `name` is exactly a NumPy ufunc. Wrapped, because a kernel takes `out` first."""
    KERNELS[name] = UfuncKernel(ufunc)


class UfuncKernel:
    """A ufunc as a kernel; `prepare` binds the bare ufunc, so that a Program's step costs one C call."""

    __slots__ = ("ufunc",)

    def __init__(self, ufunc: Any) -> None:
        self.ufunc: Any = ufunc

    def __call__(self, out: Any, *inputs: Any) -> Any:
        self.ufunc(*inputs, out=out)

    def prepare(self, out: Any, *inputs: Any) -> Any:
        """A function without arguments for these arrays."""
        if self.ufunc in (np.maximum, np.minimum):  # NumPy is about to read a third operand there
            return partial(self.ufunc, *inputs, out=out)
        return partial(self.ufunc, *inputs, out)


def load() -> tuple[Any, ...]:
    """All kernels and views, importing their files at first use.

    An elementwise primitive that has no kernel there is the ufunc of its name.
    """
    for file in _FILES:
        import_module(f"kerasish.backend.numpy.{file}")
    for name, primitive in PRIMITIVES.items():
        if primitive.traits.elementwise and name not in KERNELS and isinstance(getattr(np, name, None), np.ufunc):
            from_ufunc(name, getattr(np, name))
    return KERNELS, VIEWS
