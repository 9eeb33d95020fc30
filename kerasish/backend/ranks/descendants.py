"""All processes that came of this one: none stays behind, whoever started it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time

_ADOPT = 36  # PR_SET_CHILD_SUBREAPER of Linux's prctl


def adopt() -> None:
    """Become the parent of those whose parents end, on Linux: so they are found."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_ADOPT, 1, 0, 0, 0)


def descendants() -> list[int]:
    """The numbers of all processes below this one; none where there is no /proc."""
    parents = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else ():
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat") as file:
                parents[int(name)] = int(file.read().rpartition(")")[2].split()[1])
    found, last = [], [os.getpid()]
    while last:
        last = [number for number, parent in parents.items() if parent in last]
        found += last
    return found


def tell_all(number: int, but: int | None = None) -> int:
    """Send them a signal, all but one process where that is named. Returns how many there were."""
    found = [descendant for descendant in descendants() if descendant != but]
    for descendant in found:
        with contextlib.suppress(OSError):
            os.kill(descendant, number)
    return len(found)


def end_all(patience: float = 5.0) -> None:
    """Kill all of them, and wait until they are gone.

    Args:
        patience: seconds to wait.
    """
    until = time.monotonic() + patience
    while tell_all(signal.SIGKILL) and time.monotonic() < until:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.02)
