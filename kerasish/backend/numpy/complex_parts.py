"""NumPy kernels of `primitives/complex_parts.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import from_ufunc, kernel
from kerasish.typing import TensorLike

from_ufunc("conj", np.conjugate)
from_ufunc("magnitude", np.absolute)


@kernel("complex")
def complex_(out: Any, real: TensorLike, imag: TensorLike) -> None:
    out.real[...] = real
    out.imag[...] = imag


@kernel("real")
def real(out: Any, x: TensorLike) -> None:
    np.copyto(out, x.real)


@kernel("imag")
def imag(out: Any, x: TensorLike) -> None:
    np.copyto(out, x.imag)
