"""The threads of the team, and the memory in which they meet.

A worker is a daemon thread that stays in native code (`native/kernels/walk.kernel`, which says how the memory is laid
out): asleep on a semaphore between Programs, awake and waiting for segments while a Program with shared steps runs. The
calling thread is worker 0. One Program has the team at a time.
"""

from __future__ import annotations

import atexit
import ctypes
import threading
import time
from typing import Any

import numpy as np

from kerasish import forks
from kerasish.backend.numpy.native.source import address, from_file
from kerasish.backend.numpy.team import blas
from kerasish.backend.numpy.team.count import processors
from kerasish.backend.numpy.team.system import system

SPINS = 3000  # pauses of a waiting worker before it yields, some 50 to 100 microseconds
YIELDS = 300  # yields before it naps
LINGER = 200  # yields after the spins when a Program is over, in case the next one comes soon
_LINE, _FIRST = 16, 5
_OPEN, _QUIT, _TAKEN, _ORPHANED = _LINE, _LINE + 1, 4 * _LINE, 11
_NATIVE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)
_MOST = 1024

_lock = forks.lock()
_crew = None
_graveyard = []  # memory that threads or Programs of a parent process may still point to


def native(name: str) -> Any:
    """A function of `native/kernels/walk.kernel`, to be called without the interpreter's lock."""
    return _NATIVE(address(from_file("walk", name)))


class Crew:
    """Threads 1, 2, ... and their memory.

    `ready` counts workers that may be asked for, the calling thread among them.
    """

    def __init__(self) -> None:
        words = np.zeros((_FIRST + _MOST) * _LINE + _LINE, np.int64)
        start = -words.ctypes.data % 128 // 8
        self._whole = words
        self.words: Any = words[start : start + (_FIRST + _MOST) * _LINE]
        self.address: Any = self.words.ctypes.data
        self.threads: list[Any] = []
        self.ready = 1
        found = system()
        self.words[:13] = [
            SPINS,
            YIELDS,
            LINGER,
            found.give_way,
            found.nap,
            found.nap_argument,
            found.post,
            found.post_argument,
            found.wait,
            found.wait_argument,
            blas.memory(),
            0,
            found.thread,
        ]

    def grow(self, workers: int) -> None:
        """Start threads until there are `workers`.

        Where the system gives no more, the team counts as taken from now on: all is done alone.
        """
        serve = native("serve")
        while len(self.threads) + 1 < workers:
            worker = len(self.threads) + 1
            line = (_FIRST + worker) * _LINE
            try:
                self.words[line + 2] = system().semaphore(self.address + 8 * line + 64)
                thread = threading.Thread(
                    target=_work, args=(serve, self.address, worker), name=f"kerasish-team-{worker}", daemon=True
                )
                thread.start()
            except (RuntimeError, OSError):
                self.close()
                return
            self.threads.append(thread)
        if workers > processors():  # someone has to leave the processor for all to arrive
            self.words[0] = self.words[2] = 0
        self.ready = max(self.ready, workers)

    def close(self) -> None:
        """Send the threads home once no Program has them; all is done alone from now on."""
        begin, answer = native("begin"), ctypes.c_int64(0)
        deadline = time.monotonic() + 1.0
        while not answer.value and time.monotonic() < deadline:
            begin(self.address, ctypes.addressof(answer), 0, 0)
            native("release_blas")(blas.memory(), 0, 0, 0)
            if not answer.value:
                time.sleep(0.001)
        self.words[_TAKEN] = 1
        self.ready: int = _MOST + 1
        self.words[_QUIT] = 1
        post = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)(system().post)
        for worker in range(1, len(self.threads) + 1):
            post(int(self.words[(_FIRST + worker) * _LINE + 2]), system().post_argument, 0)
        for thread in self.threads:
            thread.join(timeout=1.0)

    def orphan(self) -> None:
        """In a child of fork: the threads are not here, and a Program that had them goes on alone."""
        self.words[_ORPHANED] = 1


def _work(serve, place, worker):
    system().punctual()
    blas.hold_in_worker()
    serve(place, 0, 0, worker)


def place(workers: int) -> Any:
    """The address of the team's memory, with at least `workers` workers behind it."""
    crew = _crew
    if crew is not None and crew.ready >= workers:
        return crew.address
    return _grown(workers)


def _grown(workers):
    global _crew
    with _lock:
        if _crew is None:
            _crew = Crew()
        if _crew.ready < workers:
            _crew.grow(min(workers, _MOST))
        return _crew.address


def _after_fork():
    """The child starts a team of its own when it first needs one."""
    global _crew
    if _crew is not None:
        _crew.orphan()
        _graveyard.append(_crew)
        _crew = None


def _at_exit():
    if _crew is not None:
        _crew.close()


atexit.register(_at_exit)
forks.in_child(_after_fork)
