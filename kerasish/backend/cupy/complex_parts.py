"""CuPy kernels of `primitives/complex_parts.py`."""

from __future__ import annotations

from typing import Any

import cupy

from kerasish.backend.cupy.kernels import kernel


@kernel("complex")
def complex_(out: Any, real: Any, imag: Any) -> None:
    out.real[...] = real
    out.imag[...] = imag


@kernel("real")
def real(out: Any, x: Any) -> None:
    cupy.copyto(out, x.real)


@kernel("imag")
def imag(out: Any, x: Any) -> None:
    cupy.copyto(out, x.imag)
