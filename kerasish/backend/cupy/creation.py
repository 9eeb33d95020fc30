"""CuPy kernels of `primitives/creation.py`."""

from __future__ import annotations

from typing import Any

import cupy

from kerasish.backend.cupy.kernels import kernel


@kernel("arange")
def arange(out: Any, start: Any, step: Any, size: Any, dtype: Any) -> None:
    count = cupy.arange(size)
    if (start, step) != (0, 1):
        count = cupy.add(cupy.multiply(count, step), start)
    cupy.copyto(out, count, casting="unsafe")
