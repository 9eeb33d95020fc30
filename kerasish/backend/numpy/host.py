"""NumPy kernel of `primitives/host.py`: the arrays are host arrays already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import kernel


@kernel("host_call")
def host_call(out: Any, *inputs: Any, function: Callable[..., Any], specs: Any, name: str) -> None:
    results = function(*map(np.array, inputs))  # copies: it may write into them, or keep them
    if not isinstance(out, (tuple, list)):
        out, results = (out,), (results,)
    if len(results) != len(out):
        raise ValueError(f"The operation {name!r} must return {len(out)} arrays, got {len(results)}.")
    for place, result in zip(out, results):
        result = np.asarray(result)
        if result.shape != place.shape:
            raise ValueError(f"The operation {name!r} must return an array of shape {place.shape}, got {result.shape}.")
        np.copyto(place, result, casting="unsafe")
