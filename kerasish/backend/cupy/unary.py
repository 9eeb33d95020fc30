"""CuPy kernels of `primitives/unary.py`: of those that are no ufunc of the same name."""

from __future__ import annotations

from typing import Any

import cupy
from cupyx.scipy import special

from kerasish.backend.cupy.float8 import as_bytes
from kerasish.backend.cupy.kernels import from_ufunc, kernel

from_ufunc("erf", special.erf)
from_ufunc("erfc", special.erfc)
from_ufunc("erfinv", special.erfinv)
from_ufunc("round", cupy.rint)
from_ufunc("bitwise_not", cupy.invert)
from_ufunc("conj", cupy.conjugate)
from_ufunc("magnitude", cupy.absolute)


@kernel("relu")
def relu(out: Any, x: Any) -> None:
    cupy.maximum(x, 0, out=out)


@kernel("identity", "stop_gradient")
def identity(out: Any, x: Any) -> None:
    cupy.copyto(as_bytes(out), as_bytes(x))


@kernel("rsqrt")
def rsqrt(out: Any, x: Any) -> None:
    cupy.sqrt(x, out=out)
    cupy.reciprocal(out, out=out)


@kernel("sigmoid")
def sigmoid(out: Any, x: Any) -> None:
    """1 / (1 + exp(-x)): where exp overflows the result is 0, as it should be."""
    cupy.negative(x, out=out)
    cupy.exp(out, out=out)
    cupy.add(out, 1, out=out)
    cupy.reciprocal(out, out=out)


@kernel("softplus")
def softplus(out: Any, x: Any) -> None:
    """log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)), which never overflows; `out` may be the memory of x."""
    positive = cupy.maximum(x, 0)
    cupy.absolute(x, out=out)
    cupy.negative(out, out=out)
    cupy.exp(out, out=out)
    cupy.log1p(out, out=out)
    cupy.add(out, positive, out=out)
