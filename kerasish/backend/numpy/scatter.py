"""NumPy kernels of `primitives/scatter.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import kernel
from kerasish.typing import TensorLike


@kernel("scatter_nd_combine")
def scatter_nd_combine(out: Any, x: TensorLike, indices: TensorLike, updates: Any, mode: str) -> None:
    join = np.multiply if mode == "mul" else np.maximum if mode == "max" else np.minimum
    np.copyto(out, x)
    join.at(out, tuple(np.moveaxis(indices, -1, 0)), updates)
