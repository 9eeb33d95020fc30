"""Indices as places, and what is said of those that are out of range.

The card finds them while it works, and goes on with place 0; the host raises IndexError when it next fetches anything.
To refuse them at once it would have to wait for the card at every lookup.
"""

from __future__ import annotations

from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy import sources
from kerasish.backend.primitives.indexing import out_of_range

_refused: dict[int, Any] = {}  # card -> (whether, index, size, axis)


def places(indices: Any, size: int, axis: int) -> Any:
    """Indices as int64 within 0 ... size - 1; negative ones count from the end."""
    out = cupy.empty(indices.shape, np.int64)
    indices = indices if indices.flags.c_contiguous else indices.copy()
    run = sources.function("indices", "places", T=sources.type_in_c(indices.dtype))
    sources.launch(run, out.size, out, indices, note(), size, axis)
    return out


def note() -> Any:
    """Where kernels note the first index that is out of range."""
    card = cupy.cuda.Device().id
    if card not in _refused:
        with cupy.cuda.using_allocator(cupy.get_default_memory_pool().malloc):
            _refused[card] = cupy.empty((4,), np.int64)
        _refused[card].fill(0)
    return _refused[card]


def check() -> None:
    """Raise IndexError where an index was out of range since the last time; the host has waited for the card."""
    noted = _refused.get(cupy.cuda.Device().id)
    if noted is None:
        return
    found, index, size, axis = noted.get().tolist()
    if found:
        noted.fill(0)
        raise out_of_range(index, size, axis)
