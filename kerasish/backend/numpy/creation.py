"""NumPy kernels of `primitives/creation.py`."""

import numpy as np

from kerasish.backend.numpy.kernels import kernel


@kernel("arange")
def arange(out, start, step, size, dtype):
    count = np.arange(size)
    np.copyto(out, count if (start, step) == (0, 1) else start + step * count, casting="unsafe")
