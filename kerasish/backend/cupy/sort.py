"""CuPy kernels of `primitives/sort.py`: Thrust's stable sort of positions, NaN last."""

from __future__ import annotations

from typing import Any

import cupy

from kerasish.backend.cupy.kernels import kernel


@kernel("argsort")
def argsort(out: Any, x: Any, axis: Any, stable: bool = True) -> None:
    cupy.copyto(out, cupy.argsort(x, axis=axis), casting="unsafe")


@kernel("top_k")
def top_k(out: Any, x: Any, k: int) -> None:
    """Read backwards, a stable sort puts the first of equal elements last."""
    values, indices = out
    if not values.size:
        return
    backwards = cupy.argsort(x[..., ::-1], axis=-1)
    order = cupy.subtract(x.shape[-1] - 1, backwards[..., : -k - 1 : -1])
    cupy.copyto(indices, order, casting="unsafe")
    cupy.copyto(values, cupy.take_along_axis(x, order, axis=-1))
