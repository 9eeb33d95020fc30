"""A lock that processes share by a file, and that the system opens when its holder dies."""

from __future__ import annotations

import os
import time
from typing import Any
from weakref import WeakSet

from kerasish import forks

try:
    import fcntl
except ImportError:  # Windows has another module
    import msvcrt

    def _locked(handle: int) -> bool:
        system: Any = msvcrt
        return _is_done(lambda: system.locking(handle, system.LK_NBLCK, 1))

else:

    def _locked(handle: int) -> bool:
        return _is_done(lambda: fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB))


_all: WeakSet[Any] = WeakSet()
_PAUSE = 0.002  # seconds between two attempts


class FileLock:
    """A lock on a file: one process at a time has it. `with FileLock(path):` waits for it.

    Other threads of this process wait too, if they have a `FileLock` of their own.

    Args:
        path: path of the file, which is made.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._handle: int | None = None
        _all.add(self)

    def acquire(self, wait: bool = True) -> bool:
        """Take the lock.

        Args:
            wait: whether to wait for it.

        Returns:
            Whether it is taken.
        """
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            while not _locked(handle):
                if not wait:
                    return False
                time.sleep(_PAUSE)
            self._handle, handle = handle, None
        finally:
            if handle is not None:
                os.close(handle)
        return True

    def release(self) -> None:
        """Let go of it."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def __enter__(self) -> FileLock:
        self.acquire()
        return self

    def __exit__(self, *error: object) -> None:
        self.release()


def is_held(path: str) -> bool:
    """Whether a process that lives has the lock of a file.

    Args:
        path: path of the file, which may be missing.
    """
    if not os.path.exists(path):
        return False
    lock = FileLock(path)
    taken = lock.acquire(wait=False)
    lock.release()
    return not taken


def _is_done(take):
    try:
        take()
    except OSError:
        return False
    return True


def _forget_all():
    """In a child process: these locks are its parent's, and shall not outlive that one in the child's hands."""
    for lock in list(_all):
        lock.release()


forks.in_child(_forget_all)
