"""CuPy kernel of `where`."""

from __future__ import annotations

from typing import Any

import cupy

from kerasish.backend.cupy.float8 import as_bytes
from kerasish.backend.cupy.kernels import kernel


@kernel("where")
def where(out: Any, condition: Any, x: Any, y: Any) -> None:
    """`out` may be the memory of y."""
    out, x, y = as_bytes(out), as_bytes(x), as_bytes(y)
    cupy.copyto(out, y)
    cupy.copyto(out, x, where=condition)
