"""NumPy kernels of `primitives/scatter.py`."""

import numpy as np

from kerasish.backend.numpy.kernels import kernel

_JOIN = {"max": np.maximum, "min": np.minimum, "mul": np.multiply}


@kernel("scatter_nd_combine")
def scatter_nd_combine(out, x, indices, updates, mode):
    np.copyto(out, x)
    _JOIN[mode].at(out, tuple(np.moveaxis(indices, -1, 0)), updates)
