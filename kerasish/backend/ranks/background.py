"""Sums over ranks that go on while this process computes: one thread takes them in their order."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from kerasish.typing import AnyTensor


class Background:
    """The thread that reduces buckets.

    Args:
        reduce: function that puts the sum over all ranks in the place of an array, and returns when it is there.

    Attributes:
        seconds: how long sums have taken so far. waited: for how much of that the computation had to wait.
    """

    def __init__(self, reduce: Callable[[AnyTensor], None]) -> None:
        self._reduce = reduce
        self._waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._begun: dict[int, _Sum] = {}
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self.seconds = self.waited = 0.0

    def start(self, array: AnyTensor) -> None:
        """Begin to sum an array, which nobody else touches until it is waited for."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="kerasish messages", daemon=True)
            self._thread.start()
        self._begun[_place(array)] = begun = _Sum(array)
        self._waiting.put(begun)

    def wait(self, array: AnyTensor) -> None:
        """Wait until the sum is there. Raises what summing has raised."""
        before = time.perf_counter()
        begun = self._begun.pop(_place(array))
        begun.done.wait()
        self.waited += time.perf_counter() - before
        if begun.error is not None:
            self._begun.clear()
            raise begun.error

    def stop(self) -> None:
        """End the thread, behind what was begun."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
            self._thread = None

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


def _place(array):
    return array.__array_interface__["data"][0]
