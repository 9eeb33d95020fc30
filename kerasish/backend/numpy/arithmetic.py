"""NumPy kernels of `primitives/arithmetic.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import from_ufunc, kernel
from kerasish.typing import DTypeLike, TensorLike

for _name in (
    "add subtract multiply divide remainder power maximum minimum arctan2 equal not_equal less less_equal greater "
    "greater_equal "
    "logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor left_shift right_shift"
).split():
    from_ufunc(_name, getattr(np, _name))
from_ufunc("floor_divide", np.floor_divide)


@kernel("cast")
def cast(out: Any, x: TensorLike, dtype: DTypeLike) -> None:
    np.copyto(out, x, casting="unsafe")
