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
    keep, args = [out, key], [out.ctypes.data, out.size, key.ctypes.data]
    if part is None:
        return _step("philox", args, -(-out.size // _BLOCK), keep)
    count, length, first, apart = stretches(out.shape, part)
    # stretches that begin at any place of a block may reach into one more
    begins = first % _BLOCK if apart % _BLOCK == 0 or count == 1 else _BLOCK - 1
    each = -(-(begins + length) // _BLOCK)
    return _step("stretches", [args[0], length, args[2], first, apart, each], count * each, keep)


def _step(function, args, blocks, keep):
    workers, code = cost.workers(blocks * _NANOSECONDS, blocks), address(from_file("philox", function))
    return NativeStep(code, args, keep, blocks, grain=8, workers=workers, name="philox")
