"""The few C functions that waiting needs, as addresses: give the processor away, sleep a moment, sleep until called."""

from __future__ import annotations

import ctypes
import sys
from functools import lru_cache
from typing import Any

_FOREVER = -1
NAP = 20_000  # nanoseconds
_PR_SET_TIMERSLACK = 29


def _address(function):
    return ctypes.cast(function, ctypes.c_void_p).value


class System:
    """Addresses, for `call_c`.

    give_way, thread (which one calls), nap (of nap_argument), post and wait (of a semaphore and post_argument,
    wait_argument).
    """

    def __init__(self) -> None:
        self.nap_argument = 0
        if sys.platform == "win32":
            library = ctypes.WinDLL("kernel32")
            self.give_way = self.nap = _address(library.SwitchToThread)
            self.post, self.wait = _address(library.ReleaseSemaphore), _address(library.WaitForSingleObject)
            self.thread = _address(library.GetCurrentThreadId)
            library.CreateSemaphoreW.restype = ctypes.c_void_p
            self.semaphore = lambda place: library.CreateSemaphoreW(None, 0, 1 << 30, None)
            self.post_argument, self.wait_argument = 1, 0xFFFFFFFF
            return
        self._library = library = ctypes.CDLL(None)
        self.give_way: int | None = _address(library.sched_yield)
        self.nap: int | None = _address(library.nanosleep)
        self.thread: int | None = _address(library.pthread_self)
        self._moment = (ctypes.c_long * 2)(0, NAP)
        self.nap_argument: int = ctypes.addressof(self._moment)
        if sys.platform == "darwin":
            self.post, self.wait = (
                _address(library.dispatch_semaphore_signal),
                _address(library.dispatch_semaphore_wait),
            )
            library.dispatch_semaphore_create.restype, library.dispatch_semaphore_create.argtypes = (
                ctypes.c_void_p,
                (ctypes.c_long,),
            )
            self.semaphore = lambda place: library.dispatch_semaphore_create(0)
            self.post_argument, self.wait_argument = 0, _FOREVER
        else:
            self.post: int | None = _address(library.sem_post)
            self.wait: int | None = _address(library.sem_wait)
            library.sem_init.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_uint)
            self.semaphore = self._posix_semaphore
            self.post_argument = self.wait_argument = 0

    def _posix_semaphore(self, place):
        """A semaphore at an address that has 64 bytes to spare."""
        if self._library.sem_init(place, 0, 0) != 0:
            raise RuntimeError("sem_init failed")
        return place

    def punctual(self) -> None:
        """Let naps of the calling thread end on time (Linux adds 50 microseconds otherwise)."""
        if sys.platform.startswith("linux") and hasattr(self._library, "prctl"):
            self._library.prctl(_PR_SET_TIMERSLACK, ctypes.c_ulong(1000), 0, 0, 0)


@lru_cache
def system() -> Any:
    """The System, found once."""
    return System()
