"""Memory that native steps need only while they run.

One buffer for all steps that are bound together, laid out when the first of them is called.

Steps bound on one thread share a Scratch until it is laid out, which the first look at a step's `args` does: a Program
binds all its steps before it runs any, so it has one buffer, as large as its hungriest step wants. A Program's steps
never run at the same time, so they may share.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kerasish import forks
from kerasish.backend.numpy import aligned
from kerasish.backend.numpy.native.step import NativeStep
from kerasish.typing import IntOrInts, TensorLike

_open = threading.local()


class Scratch:
    """A buffer that does not exist yet."""

    def __init__(self) -> None:
        self.size, self.waiting, self.address, self.buffer = 0, [], 0, None
        self.lock = forks.lock()

    def ask(self, step: Any, size: IntOrInts) -> None:
        """`step` wants `size` bytes."""
        self.size: int = max(self.size, size)
        self.waiting.append(step)

    def lay_out(self) -> None:
        """Allocate, and tell all steps where it is."""
        if getattr(_open, "scratch", None) is self:
            _open.scratch = None
        with self.lock:
            if self.buffer is None:
                self.buffer = aligned.empty((self.size,), "uint8")
                self.address: int = self.buffer.ctypes.data
                for step in self.waiting:
                    step.place(self)
                self.waiting: list[Any] = []


def current() -> Any:
    """The Scratch that steps bound on this thread share now."""
    scratch = getattr(_open, "scratch", None)
    if scratch is None:
        scratch = _open.scratch = Scratch()
    return scratch


@contextmanager
def apart() -> Iterator[None]:
    """Steps that are bound inside share a Scratch with none that were bound before, or will be."""
    before = getattr(_open, "scratch", None)
    _open.scratch = None
    try:
        yield
    finally:
        _open.scratch = before


class ScratchStep(NativeStep):
    """A NativeStep that needs scratch memory.

    Args:
        slot: int, the place in `args` that gets the scratch's address added. size: int, bytes that the step wants.
        scratch: a Scratch to share with a step before; None for the current one.
        seam: where it takes an epilogue (`steps/epilogue.py`), or None.
    """

    __slots__ = ("slot", "scratch", "seam", "_given")

    def __init__(
        self,
        address: Any,
        args: Any,
        keep: Any,
        units: int,
        slot: Any,
        size: IntOrInts,
        scratch: Any = None,
        seam: Any = None,
        **how: Any,
    ) -> None:
        self.scratch = None
        self.seam: Any = seam
        super().__init__(address, args, keep, units, **how)
        self.slot: Any = slot
        self.scratch = scratch or current()
        self.scratch.ask(self, size)

    @property
    def args(self) -> Any:
        """What the kernel reads. To look at it lays out the scratch memory: do so only when all steps are bound."""
        if self.scratch is not None:
            self.scratch.lay_out()
        return self._given

    @args.setter
    def args(self, value: TensorLike) -> None:
        self._given = value

    def place(self, scratch: Any) -> None:
        """Put the address in."""
        self._given[self.slot] += scratch.address
        self.keep: list[Any] = [*self.keep, scratch.buffer]
        self.scratch = None

    def unplaced(self) -> Any:
        """The arguments, for whoever changes some while the memory is not there yet."""
        return self._given
