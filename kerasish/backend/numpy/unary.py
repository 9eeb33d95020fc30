"""NumPy kernels of `primitives/unary.py`: of those that are no ufunc of the same name."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import from_ufunc, kernel
from kerasish.backend.numpy.workspace import planned
from kerasish.typing import TensorLike

from_ufunc("round", np.rint)


@kernel("negative")
def negative(out: Any, x: TensorLike) -> None:
    """-x.

    NumPy 2.4's own loop gives garbage for elements that lie 16 or 64 bytes apart, on processors with AVX-512; a product
    does not.
    """
    if out.flags.c_contiguous and x.flags.c_contiguous:
        np.negative(x, out=out)
    else:
        np.multiply(x, np.array(-1).astype(x.dtype), out=out)


@kernel("relu")
def relu(out: Any, x: TensorLike) -> None:
    np.maximum(x, 0, out=out)


@kernel("identity")
@kernel("stop_gradient")
def identity(out: Any, x: TensorLike) -> None:
    np.copyto(out, x)


@kernel("rsqrt")
def rsqrt(out: Any, x: TensorLike) -> None:
    np.sqrt(x, out=out)
    np.reciprocal(out, out=out)


@kernel("sigmoid")
def sigmoid(out: Any, x: TensorLike) -> None:
    """1 / (1 + exp(-x)).

    Where exp overflows the result is 0, as it should be; (1 + tanh(x / 2)) / 2 is faster by a third, but has no digits
    left
    where x is far below 0: at -12 its third one is wrong, and a logarithm of it soon infinite.
    """
    negative(out, x)
    np.exp(out, out=out)
    np.add(out, 1, out=out)
    np.reciprocal(out, out=out)


@planned("softplus")
def softplus(take: Any, out: Any, x: TensorLike) -> list[Any]:
    """log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)), which never overflows; `out` may be the memory of x."""
    positive = take(x.shape, x.dtype)
    return [
        partial(np.maximum, x, 0, out=positive), partial(np.absolute, x, out), partial(negative, out, out),
        partial(np.exp, out, out),
        partial(np.log1p, out, out), partial(np.add, out, positive, out),
    ]  # fmt: skip
