"""A native kernel bound to arrays: what a Program's list holds, and the thread team walks."""

import ctypes

import numpy as np

SHARED_FROM = 20_000.0  # nanoseconds of work from which a step is shared: a meeting of the team costs two or three thousand
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

    def __init__(self, address, args, keep, units, grain=1, workers=1, name=""):
        self.address, self.args, self.keep = address, np.ascontiguousarray(args, np.int64), keep
        self.units, self.grain, self.workers, self.name = int(units), max(1, int(grain)), max(1, int(workers)), name
        self._call = _PROTOTYPE(address)

    def share(self, worker):
        """(lo, hi) of one worker."""
        return share(self.units, self.grain, self.workers, worker)

    def __call__(self):
        place = self.args.ctypes.data
        for worker in range(self.workers):
            self._call(place, *self.share(worker), worker)


def share(units, grain, workers, worker):
    """The block of `units` that one of `workers` does, beginning at a multiple of `grain`."""
    size = -(-units // (workers * grain)) * grain
    return min(units, worker * size), min(units, (worker + 1) * size)


def workers_for(nanoseconds, units=None):
    """How many workers share a step of so much work: 1, or the whole team."""
    if nanoseconds < SHARED_FROM:
        return 1
    try:
        from kerasish.backend.numpy.team import size
    except ImportError:
        size = lambda: 1

    return size() if units is None else max(1, min(size(), units))
