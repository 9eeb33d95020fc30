"""Sums over ranks that go on while this process computes: one thread takes the large ones in their order."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kerasish.backend.ranks.faults import RankFault
from kerasish.typing import AnyTensor

# bytes up to which a sum is begun by the thread that computes, and looked at again when it is waited for: the messages
# are there by then, and to wake another thread takes longer than they do
SMALL = 1 << 18


class Background:
    """Sums that were begun and not yet waited for.

    Args:
        reduce: function that puts the sum over all ranks in the place of an array, and returns when it is there; a
            thread calls it.
        begin: function that begins to sum a small array, and gives a function that waits for it.

    Attributes:
        seconds: how long the sums of the thread have taken so far. waited: how long the computation had to wait.
    """

    def __init__(self, reduce: Callable[[AnyTensor], None], begin: Callable[[AnyTensor], Callable[[], None]]) -> None:
        self._reduce, self._begin = reduce, begin
        self._waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._begun: dict[int, Callable[[], None]] = {}
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self.seconds = self.waited = 0.0

    def start(self, array: AnyTensor) -> None:
        """Begin to sum an array, which nobody else touches until it is waited for."""
        if array.nbytes <= SMALL:
            self._begun[_place(array)] = self._begin(array)
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="kerasish messages", daemon=True)
            self._thread.start()
        begun = _Sum(array)
        self._begun[_place(array)] = begun.wait
        self._waiting.put(begun)

    def wait(self, array: AnyTensor) -> None:
        """Wait until the sum is there. Raises what summing has raised."""
        before = time.perf_counter()
        try:
            self._begun.pop(_place(array))()
        finally:
            self.waited += time.perf_counter() - before

    def stop(self) -> None:
        """End the thread, behind what was begun."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
            self._thread = None
        while self._begun:  # of messages that will never be whole: MPI lets go of their memory
            with suppress(RankFault):
                self._begun.popitem()[1]()

    def _work(self):
        while (begun := self._waiting.get()) is not None:
            before = time.perf_counter()
            if self._error is None:
                try:
                    self._reduce(begun.array)
                except Exception as error:  # whoever waits is told
                    self._error = error
            begun.error = self._error
            self.seconds += time.perf_counter() - before
            begun.done.set()


class _Sum:
    """An array, whether it is summed, and what went wrong."""

    __slots__ = ("array", "done", "error")

    def __init__(self, array):
        self.array, self.done, self.error = array, threading.Event(), None

    def wait(self):
        self.done.wait()
        if self.error is not None:
            raise self.error


def _place(array):
    return array.__array_interface__["data"][0]
