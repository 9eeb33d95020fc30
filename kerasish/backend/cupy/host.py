"""CuPy kernel of `primitives/host.py`: the arrays go to the host and what it makes comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend.cupy import transfers
from kerasish.backend.cupy.kernels import kernel
from kerasish.backend.primitives.host import placed


@kernel("host_call")
def host_call(out: Any, *inputs: Any, function: Callable[..., Any], specs: Any, name: str) -> None:
    results = function(*map(transfers.to_host, inputs))
    for place, result in placed(name, out, results, np.asarray):
        transfers.write(place, result)
