"""CuPy kernel of `primitives/sampling.py`."""

from __future__ import annotations

import math
from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy import sources
from kerasish.backend.cupy.kernels import kernel
from kerasish.backend.primitives.sampling import MODES


@kernel("sample")
def sample(out: Any, x: Any, *points: Any, order: int, mode: str, fill: float) -> None:
    space = x.shape[1:-1]
    if not out.size:
        return
    fill = np.asarray(fill).astype(x.dtype)[()]
    if not math.prod(space):
        out.fill(fill)
        return
    target = out if out.flags.c_contiguous else cupy.empty(out.shape, out.dtype)
    x = x if x.flags.c_contiguous else x.copy()
    places = cupy.empty((len(points), *points[0].shape), points[0].dtype)
    sizes = cupy.empty((len(space),), np.int64)
    for axis, (place, size) in enumerate(zip(points, space)):
        cupy.copyto(places[axis], place)
        sizes[axis : axis + 1].fill(size)
    words = {"T": sources.type_in_c(x.dtype), "P": sources.type_in_c(places.dtype)}
    run = sources.function("sample", "sample", **words, AXES=len(space), ORDER=order, MODE=MODES.index(mode))
    count = math.prod(places.shape[2:])
    sources.launch(run, out.size, target, x, places, sizes, fill, len(x), count, x.shape[-1])
    if target is not out:
        cupy.copyto(out, target)
