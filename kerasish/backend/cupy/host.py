"""CuPy kernel of `primitives/host.py`: the arrays go to the host and what it makes comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend.cupy import transfers
from kerasish.backend.cupy.kernels import kernel


@kernel("host_call")
def host_call(out: Any, *inputs: Any, function: Callable[..., Any], specs: Any, name: str) -> None:
    results = function(*map(transfers.to_host, inputs))
    if not isinstance(out, (tuple, list)):
        out, results = (out,), (results,)
    if len(results) != len(out):
        raise ValueError(f"The operation {name!r} must return {len(out)} arrays, got {len(results)}.")
    for place, result in zip(out, results):
        result = np.asarray(result)
        if result.shape != place.shape:
            raise ValueError(f"The operation {name!r} must return an array of shape {place.shape}, got {result.shape}.")
        transfers.write(place, result)
