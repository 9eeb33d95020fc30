"""CuPy kernels of `primitives/arithmetic.py`: of those that are no ufunc of the same name."""

from __future__ import annotations

from typing import Any

import cupy

from kerasish.backend.cupy import float8
from kerasish.backend.cupy.kernels import kernel


@kernel("narrow", "cast")
def cast(out: Any, x: Any, dtype: Any) -> None:
    if float8.is_float8(out.dtype) or float8.is_float8(x.dtype):
        float8.convert(out, x)
    else:
        _convert(out, x)


def _convert(out, x):
    if x.dtype.kind == "c" and out.dtype.kind != "c":
        x = x.real
    if out.dtype.kind == "b":
        cupy.not_equal(x, 0, out=out)
    else:
        cupy.copyto(out, x, casting="unsafe")


@kernel("power")
def power(out: Any, x: Any, y: Any) -> None:
    """Integers to negative powers are 0, and 1 or -1 where the base is."""
    if out.dtype.kind not in "iu" or y.dtype.kind != "i":
        cupy.power(x, y, out=out)
        return
    below = cupy.less(y, 0)
    odd = cupy.bitwise_and(y, y.dtype.type(1)).astype(out.dtype)
    one = cupy.equal(x, 1).astype(out.dtype)
    if out.dtype.kind == "i":
        one = cupy.where(cupy.equal(x, -1), cupy.subtract(1, cupy.multiply(odd, 2)).astype(out.dtype), one)
    raised = cupy.power(x, cupy.maximum(y, 0))
    cupy.copyto(out, cupy.where(below, one, raised.astype(out.dtype)))


def _whole_division(name):
    """Of integers; a quotient of 0 where the divisor is 0, as on the CPU."""
    ufunc = getattr(cupy, name)

    @kernel(name)
    def run(out, x, y):
        if out.dtype.kind not in "iu":
            ufunc(x, y, out=out)
            return
        zero = cupy.equal(y, 0)
        safe = cupy.add(y, zero.astype(y.dtype))
        found = ufunc(x, safe)
        cupy.copyto(out, cupy.multiply(found, cupy.logical_not(zero).astype(out.dtype)))


_whole_division("floor_divide")
_whole_division("remainder")
