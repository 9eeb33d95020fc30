"""NumPy kernels of `primitives/creation.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import kernel
from kerasish.typing import DTypeLike, IntOrInts


@kernel("arange")
def arange(out: Any, start: Any, step: Any, size: IntOrInts, dtype: DTypeLike) -> None:
    count = np.arange(size)
    np.copyto(out, count if (start, step) == (0, 1) else start + step * count, casting="unsafe")
