"""NumPy kernels of `primitives/arithmetic.py`: of those that are no ufunc of the same name."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import KERNELS, UfuncKernel, kernel
from kerasish.typing import DTypeLike, TensorLike


@kernel("narrow")
@kernel("cast")
def cast(out: Any, x: TensorLike, dtype: DTypeLike) -> None:
    np.copyto(out, x, casting="unsafe")


class _Power(UfuncKernel):
    """NumPy's `power`, which refuses integers to negative powers: they are 0, and 1 or -1 where the base is."""

    __slots__ = ()

    def __call__(self, out: Any, x: Any, y: Any) -> Any:
        self.prepare(out, x, y)()

    def prepare(self, out: Any, x: Any, y: Any) -> Any:
        if out.dtype.kind in "iu" and np.asarray(y).dtype.kind == "i":
            return partial(_integer_power, out, x, y)
        return super().prepare(out, x, y)


def _integer_power(out, x, y):
    below = np.less(y, 0)
    if not below.any():
        np.power(x, y, out=out)
        return
    signs = np.where(np.equal(x, -1), 1 - 2 * np.remainder(y, 2), np.equal(x, 1))  # read before `out`, maybe in place
    np.power(x, np.maximum(y, 0), out=out)
    np.copyto(out, signs, where=below, casting="unsafe")


KERNELS["power"] = _Power(np.power)
