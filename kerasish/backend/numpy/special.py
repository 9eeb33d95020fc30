"""NumPy kernels of `primitives/special.py`."""

import numpy as np

from kerasish.backend.numpy.kernels import from_ufunc, kernel

from_ufunc("gcd", np.gcd)
from_ufunc("nextafter", np.nextafter)


@kernel("bitcast")
def bitcast(out, x, dtype):
    np.copyto(out, np.ascontiguousarray(x).reshape(x.shape).view(out.dtype))
