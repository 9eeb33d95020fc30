"""CuPy kernel of `primitives/random.py`: the CPU's numbers, bit for bit."""

from __future__ import annotations

from typing import Any

import cupy
import numpy as np

from kerasish.backend.cupy import sources
from kerasish.backend.cupy.kernels import kernel
from kerasish.backend.primitives.random import stretches

_A_BLOCK = 8


@kernel("philox")
def philox(out: Any, key: Any, shape: Any, part: Any = None) -> None:
    if not out.size:
        return
    target = out if out.flags.c_contiguous else cupy.empty(out.shape, np.uint32)
    key = key if key.flags.c_contiguous else key.copy()
    count, length, first, apart = stretches(out.shape, part)
    begins = first % _A_BLOCK if apart % _A_BLOCK == 0 or count == 1 else _A_BLOCK - 1
    each = -(-(begins + length) // _A_BLOCK)
    run = sources.function("philox", "philox")
    sources.launch(run, count * each, target, key, length, first, apart, each)
    if target is not out:
        cupy.copyto(out, target)
