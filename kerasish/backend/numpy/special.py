"""NumPy kernels of `primitives/special.py`: of those that are no ufunc of the same name."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import kernel
from kerasish.typing import DTypeLike, TensorLike


@kernel("bitcast")
def bitcast(out: Any, x: TensorLike, dtype: DTypeLike) -> None:
    np.copyto(out, np.ascontiguousarray(x).reshape(x.shape).view(out.dtype))
