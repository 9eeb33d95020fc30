"""The table of CuPy kernels.

A kernel is `fn(out, *inputs, **attributes)`; the files beside this one mirror `primitives/`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import cupy
import ml_dtypes  # noqa: F401  (NumPy, and so CuPy, knows bfloat16 and float8 by name from here on)

from kerasish.backend.primitives import PRIMITIVES
from kerasish.entries import entering

KERNELS: dict[str, Any] = {}
VIEWS: dict[str, Any] = {}
kernel = entering(KERNELS)  # the function below is the kernel of the primitives of these names
view = entering(VIEWS)  # it returns a view that stands for the primitive's output, or None
_FILES = (
    "arithmetic",
    "unary",
    "select",
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
    """Primitive `name` is exactly a ufunc of CuPy. Wrapped, because a kernel takes `out` first."""

    def run(out, *inputs):
        ufunc(*inputs, out=out)

    KERNELS[name] = run


def load() -> tuple[Any, ...]:
    """All kernels and views, importing their files at first use.

    An elementwise primitive that has no kernel there is the ufunc of its name.
    """
    for file in _FILES:
        import_module(f"kerasish.backend.cupy.{file}")
    for name, primitive in PRIMITIVES.items():
        ufunc = getattr(cupy, name, None)
        if primitive.traits.elementwise and name not in KERNELS and isinstance(ufunc, cupy.ufunc):
            from_ufunc(name, ufunc)
    return KERNELS, VIEWS
