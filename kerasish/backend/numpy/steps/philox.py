"""Native steps of `primitives/random.py`."""

from __future__ import annotations

import sys
from typing import Any

from kerasish.backend.numpy.native import NativeStep, address
from kerasish.backend.numpy.native.source import from_file
from kerasish.backend.numpy.steps import cost, native_steps
from kerasish.typing import ShapeLike, TensorLike

_BLOCK = 8  # uint32
_NANOSECONDS = 9.0  # a block


@native_steps("philox")
def philox(out: Any, key: TensorLike, shape: ShapeLike) -> Any:
    """`out` = random bits for a key."""
    if not out.size or not out.flags.c_contiguous or not key.flags.c_contiguous or sys.byteorder != "little":
        return None
    blocks = -(-out.size // _BLOCK)
    workers = cost.workers(blocks * _NANOSECONDS, blocks)
    args = [out.ctypes.data, out.size, key.ctypes.data]
    return NativeStep(
        address(from_file("philox", "philox")), args, [out, key], blocks, grain=8, workers=workers, name="philox"
    )
