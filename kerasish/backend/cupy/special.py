"""CuPy kernel of `bitcast`."""

from __future__ import annotations

from typing import Any

import cupy

from kerasish.backend.cupy.float8 import as_bytes
from kerasish.backend.cupy.kernels import kernel


@kernel("bitcast")
def bitcast(out: Any, x: Any, dtype: Any) -> None:
    lies = as_bytes(x)
    lies = lies if lies.flags.c_contiguous else lies.copy()
    target = as_bytes(out)
    cupy.copyto(target, lies.reshape(x.shape).view(target.dtype))
