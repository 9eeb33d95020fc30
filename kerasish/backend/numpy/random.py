"""NumPy kernel of `primitives/random.py`: `numpy.random.Philox` is the algorithm, in C."""

from __future__ import annotations

import sys
import threading
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.numpy.kernels import KERNELS
from kerasish.backend.primitives.random import stretches
from kerasish.typing import ShapeLike, TensorLike

_BLOCK = 8192  # uint64 drawn at a time, so that they are copied while in the cache
_COUNTED = 8  # uint32 that the counter counts as one
_local = threading.local()


class PhiloxKernel:
    """Bits for a key.

    Setting the state of a generator costs a tenth of making one, so a Program keeps one, and so does each thread.
    """

    def __call__(self, out: Any, key: TensorLike, shape: ShapeLike, part: Any = None) -> Any:
        mine = getattr(_local, "generator", None)
        if mine is None:
            mine = _local.generator = _Generator()
        mine.fill(out, key, part)

    @staticmethod
    def prepare(out: Any, key: TensorLike, shape: ShapeLike, part: Any = None) -> Any:
        """A function without arguments that fills `out` from what `key` holds when it is called."""
        return partial(_Generator().fill, out, key, part)


class _Generator:
    def __init__(self):
        self._philox = np.random.Philox(key=0)
        self._state = self._philox.state

    def fill(self, out, key, part):
        """Fill `out` with the bits for `key` that belong there."""
        self._state["state"]["key"][:] = key
        contiguous = out.flags.c_contiguous
        flat = out.reshape(-1) if contiguous else np.empty(out.size, np.uint32)
        count, length, first, apart = stretches(out.shape, part)
        for number in range(count):
            self._fill(flat[number * length : (number + 1) * length], first + number * apart)
        if not contiguous:
            np.copyto(out, flat.reshape(out.shape))

    def _fill(self, flat, first):
        """`flat` = the numbers of the stream from `first` on."""
        block, skipped = divmod(first, _COUNTED)
        self._state["state"]["counter"][:] = block, 0, 0, 0
        self._philox.state = self._state
        draw, done = self._philox.random_raw, 0
        if skipped:
            begun = _words(draw(_COUNTED // 2))[skipped:][: flat.size]
            flat[: begun.size], done = begun, begun.size
        even = done + (flat.size - done & ~1)
        for start in range(done, even, 2 * _BLOCK):
            count = min(2 * _BLOCK, even - start)
            flat[start : start + count] = _words(draw(count // 2))
        if flat.size > even:
            flat[even] = _words(draw(1))[0]


def _words(raw):
    """uint64 as pairs of uint32, the low one first."""
    words = raw.view(np.uint32)
    return words if sys.byteorder == "little" else words.reshape(-1, 2)[:, ::-1].reshape(-1)


KERNELS["philox"] = PhiloxKernel()
