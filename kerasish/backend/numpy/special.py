"""NumPy kernels of `primitives/special.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import from_ufunc, kernel
from kerasish.typing import DTypeLike, TensorLike

from_ufunc("gcd", np.gcd)
from_ufunc("nextafter", np.nextafter)


@kernel("bitcast")
def bitcast(out: Any, x: TensorLike, dtype: DTypeLike) -> None:
    np.copyto(out, np.ascontiguousarray(x).reshape(x.shape).view(out.dtype))
