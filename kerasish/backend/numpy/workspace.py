"""Memory that a kernel needs only while it runs: one buffer a thread, which all steps of all Programs share.

A kernel with a workspace is written as a plan, `plan(take, out, *inputs, **attributes)`, which takes arrays with
`take(shape, dtype)` and returns a list of functions without arguments. A plan only makes views; all that reads or
writes elements is in the list.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from kerasish.backend.numpy import aligned
from kerasish.backend.numpy.aligned import ALIGNMENT
from kerasish.backend.numpy.kernels import KERNELS
from kerasish.typing import DTypeLike

_local = threading.local()


def _buffer(size):
    """This thread's buffer, at least `size` bytes long."""
    buffer = getattr(_local, "buffer", None)
    if buffer is None or buffer.size < size:
        buffer = _local.buffer = aligned.empty((size,), "uint8")
    return buffer


def scratch(count: int, dtype: DTypeLike) -> Any:
    """A vector for a kernel without a plan. It is good until the kernel ends: others will use the memory."""
    return np.ndarray((count,), dtype, _buffer(count * np.dtype(dtype).itemsize))


class _Taker:
    """Hands out arrays one after the other; without a buffer, memory of their own."""

    def __init__(self, buffer=None):
        self.buffer, self.size = buffer, 0

    def __call__(self, shape, dtype):
        dtype = np.dtype(dtype)
        offset = self.size
        self.size += -(-int(np.prod(shape)) * dtype.itemsize // ALIGNMENT) * ALIGNMENT
        return np.empty(shape, dtype) if self.buffer is None else np.ndarray(shape, dtype, self.buffer, offset)


class Step:
    """A plan for certain arrays.

    It is laid out anew where the thread's buffer is another than last time, so on the first call and when one grew.
    """

    __slots__ = ("plan", "size", "buffer", "calls")

    def __init__(self, plan: Any) -> None:
        taker = _Taker()
        calls = plan(taker)
        self.plan: Any = plan
        self.size: Any = taker.size
        self.buffer = None
        self.calls = None if taker.size else calls

    def __call__(self) -> Any:
        if self.size:
            buffer = _buffer(self.size)
            if buffer is not self.buffer:
                self.buffer = buffer
                self.calls = self.plan(_Taker(buffer))
        for call in self.calls:
            call()


class PlannedKernel:
    """A kernel made of a plan."""

    def __init__(self, plan: Any) -> None:
        self.plan = plan

    def __call__(self, out: Any, *inputs: Any, **attributes: Any) -> Any:
        for call in self.plan(np.empty, out, *inputs, **attributes):
            call()

    def prepare(self, out: Any, *inputs: Any, **attributes: Any) -> Any:
        """A function without arguments for these arrays."""
        return Step(lambda take: self.plan(take, out, *inputs, **attributes))


def planned(name: str) -> Any:
    """Decorator: the function below is the plan of primitive `name`'s kernel."""

    def register(plan):
        KERNELS[name] = PlannedKernel(plan)
        return plan

    return register
