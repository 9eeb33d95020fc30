"""CuPy kernel of `primitives/random.py`: the CPU's numbers, bit for bit."""

from __future__ import annotations

from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy import sources
from kerasish.backend.cupy.kernels import kernel

_A_BLOCK = 8


@kernel("philox")
def philox(out: Any, key: Any, shape: Any) -> None:
    target = out if out.flags.c_contiguous else cupy.empty(out.shape, np.uint32)
    key = key if key.flags.c_contiguous else key.copy()
    run = sources.function("philox", "philox")
    sources.launch(run, -(-out.size // _A_BLOCK), target, key, out.size)
    if target is not out:
        cupy.copyto(out, target)
