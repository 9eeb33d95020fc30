"""NumPy kernels of `primitives/linalg.py`."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import KERNELS
from kerasish.typing import TensorLike


class MatmulKernel:
    """Transposed operands are views: BLAS takes them as they lie."""

    def __call__(
        self, out: Any, x: TensorLike, y: TensorLike, transpose_x: bool = False, transpose_y: bool = False
    ) -> Any:
        self.prepare(out, x, y, transpose_x, transpose_y)()

    @staticmethod
    def prepare(out: Any, x: TensorLike, y: TensorLike, transpose_x: bool = False, transpose_y: bool = False) -> Any:
        """The bare `np.matmul` call for these arrays."""
        if transpose_x:
            x = x.swapaxes(-1, -2)
        if transpose_y:
            y = y.swapaxes(-1, -2)
        if x.ndim > 2 and y.ndim == 2 and x.flags.c_contiguous and out.flags.c_contiguous:
            # one product of many rows instead of a loop of small ones
            return partial(np.matmul, x.reshape(-1, x.shape[-1]), y, out.reshape(-1, out.shape[-1]))
        return partial(np.matmul, x, y, out)


KERNELS["matmul"] = MatmulKernel()
