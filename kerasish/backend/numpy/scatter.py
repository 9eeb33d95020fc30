"""NumPy kernels of `primitives/scatter.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import kernel
from kerasish.typing import TensorLike

_JOIN = {"max": np.maximum, "min": np.minimum, "mul": np.multiply}


@kernel("scatter_nd_combine")
def scatter_nd_combine(out: Any, x: TensorLike, indices: TensorLike, updates: Any, mode: str) -> None:
    np.copyto(out, x)
    _JOIN[mode].at(out, tuple(np.moveaxis(indices, -1, 0)), updates)
