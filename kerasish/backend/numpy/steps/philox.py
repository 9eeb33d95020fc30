"""Native steps of `primitives/random.py`."""

from __future__ import annotations

import sys
from typing import Any

from kerasish.backend.numpy.native import NativeStep, address
from kerasish.backend.numpy.native.source import from_file
from kerasish.backend.numpy.steps import cost, native_steps
from kerasish.backend.primitives.random import stretches
from kerasish.typing import ShapeLike, TensorLike

_BLOCK = 8  # uint32
_NANOSECONDS = 9.0  # a block


@native_steps("philox")
def philox(out: Any, key: TensorLike, shape: ShapeLike, part: Any = None) -> Any:
    """`out` = random bits for a key."""
    if not out.size or not out.flags.c_contiguous or not key.flags.c_contiguous or sys.byteorder != "little":
        return None
    count, length, first, apart = stretches(out.shape, part)
    # stretches that begin at any place of a block may reach into one more
    begins = first % _BLOCK if apart % _BLOCK == 0 or count == 1 else _BLOCK - 1
    each = -(-(begins + length) // _BLOCK)
    workers = cost.workers(count * each * _NANOSECONDS, count * each)
    args = [out.ctypes.data, length, key.ctypes.data, first, apart, each]
    return NativeStep(
        address(from_file("philox", "philox")), args, [out, key], count * each, grain=8, workers=workers, name="philox"
    )
