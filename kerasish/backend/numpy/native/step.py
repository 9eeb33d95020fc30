"""A native kernel bound to arrays: what a Program's list holds, and the thread team walks."""

from __future__ import annotations

import ctypes
from typing import Any

from kerasish.backend.numpy import aligned

_PROTOTYPE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)


class NativeStep:
    """One call of a native kernel.

    Args:
        address: int, of `void kernel(int64_t* args, int64_t lo, int64_t hi, int64_t worker)`.
        args: list of ints, or int64 array: what the kernel reads.
        keep: list of objects (arrays) whose memory `args` points into.
        units: int, how much work there is; the shares are blocks lo..hi of it.
        grain: int, shares begin at multiples of it.
        workers: int, how many shares.

    Calling it does all shares one after another. The result depends on `workers`, never on who does the shares.
    """

    __slots__ = ("address", "args", "keep", "units", "grain", "workers", "name", "_call")

    def __init__(
        self, address: Any, args: Any, keep: Any, units: int, grain: int = 1, workers: int = 1, name: str = ""
    ) -> None:
        self.address: Any = address
        self.args: Any = aligned.words(args)
        self.keep: Any = keep
        self.units: int = int(units)
        self.grain: int = max(1, int(grain))
        self.workers: int = max(1, int(workers))
        self.name: str = name
        self._call = _PROTOTYPE(address)

    def share(self, worker: Any) -> Any:
        """(lo, hi) of one worker."""
        return share(self.units, self.grain, self.workers, worker)

    def __call__(self) -> Any:
        place = self.args.ctypes.data
        for worker in range(self.workers):
            self._call(place, *self.share(worker), worker)


def share(units: int, grain: int, workers: int, worker: Any) -> tuple[Any, ...]:
    """The block of `units` that one of `workers` does, beginning at a multiple of `grain`."""
    size = -(-units // (workers * grain)) * grain
    return min(units, worker * size), min(units, (worker + 1) * size)
