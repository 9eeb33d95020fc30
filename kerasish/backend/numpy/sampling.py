"""NumPy kernel of `primitives/sampling.py`."""

from __future__ import annotations

import math
from itertools import product as pairs
from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import kernel
from kerasish.backend.primitives.sampling import FARTHEST
from kerasish.typing import TensorLike


def _folded(index, size, mode):
    """(index within 0 ... size - 1, whether it was there, or None where all count)."""
    if mode == "wrap":
        return index % size, None
    if mode in ("mirror", "reflect"):
        period, last = (2 * size, 2 * size - 1) if mode == "reflect" else (max(2 * size - 2, 1),) * 2
        index = index % period
        return np.minimum(np.minimum(index, last - index), size - 1), None
    inside = np.clip(index, 0, size - 1)
    return inside, inside == index if mode == "constant" else None


def _neighbours(place, size, order, mode):
    near = np.clip(np.nan_to_num(place, nan=0.0), -FARTHEST, FARTHEST)
    if order == 0:
        return [(*_folded(np.copysign(np.floor(np.abs(near) + 0.5), near).astype(np.intp), size, mode), None)]
    lower = np.floor(near).astype(np.intp)
    above = (place - np.floor(place))[..., None]
    return [(*_folded(lower, size, mode), 1 - above), (*_folded(lower + 1, size, mode), above)]


@kernel("sample")
def sample(out: Any, x: TensorLike, *points: Any, order: int, mode: str, fill: float) -> None:
    """Image by image, so that what is gathered stays small."""
    if not out.size:
        return
    space, fill = x.shape[1:-1], np.asarray(fill).astype(x.dtype)
    if not math.prod(space):
        np.copyto(out, fill)
        return
    for i in range(len(x)):
        with np.errstate(invalid="ignore"):
            axes = [_neighbours(place[i], size, order, mode) for place, size in zip(points, space)]
        rows, total = np.reshape(x[i], (math.prod(space), x.shape[-1])), None
        for corner in pairs(*axes):
            flat = np.ravel_multi_index(tuple(index for index, _, _ in corner), space)
            value = rows[flat]
            for _, inside, _ in corner:
                if inside is not None:
                    value[~inside] = fill
            for _, _, weight in corner if order else ():
                value *= weight
            total = value if total is None else total + value
        out[i] = total
