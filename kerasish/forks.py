"""What a child process does with what its parent's threads held: they are not there to let go of it.

`os.fork` copies memory as it is in that moment, and the calling thread alone. Every lock of the library is made here,
so that none stays locked in a child.
"""

from __future__ import annotations

import os
import sys
import time

# start-up time: what stands behind `threading.Lock`, `threading.RLock` and `weakref.WeakSet`
from _thread import RLock, allocate_lock, get_ident
from _weakrefset import WeakSet

TYPE_CHECKING = bool()
if TYPE_CHECKING:  # start-up time: `import kerasish` reads this file
    from collections.abc import Callable
    from typing import Any

PATIENCE = 10.0  # seconds that a fork waits for work that can't be copied half done

_locks: WeakSet[Any] = WeakSet()
_waited_for: list[Any] = []
_in_child: list[Callable[[], None]] = []
_held: list[Any] = []
_busy: dict[int, int] = {}  # thread to depth


def lock() -> Any:
    """A `threading.Lock` that is free in a child process."""
    return _kept(allocate_lock())


def reentrant_lock() -> Any:
    """A `threading.RLock` that is free in a child process."""
    return _kept(RLock())


def whole_work_lock() -> Any:
    """A `threading.RLock` for which a fork waits, because what is done under it can't be left half done.

    Such as calls of libraries that have locks of their own.
    """
    made = reentrant_lock()
    _waited_for.append(made)
    return made


class WholeWork:
    """`with WholeWork():` a fork waits for what stands inside, which threads do side by side: imports.

    It is no lock, since an import that waited for one might be waited for itself.
    """

    def __enter__(self) -> None:
        me = get_ident()
        _busy[me] = _busy.get(me, 0) + 1

    def __exit__(self, *error: object) -> None:
        me = get_ident()
        _busy[me] -= 1
        if not _busy[me]:
            del _busy[me]


def in_child(function: Callable[[], None]) -> None:
    """Call a function in every child process, when all locks are free there.

    Args:
        function: function without arguments.
    """
    _in_child.append(function)


def _kept(made):
    _locks.add(made)
    return made


def _is_mine(made):
    """Whether the forking thread, which lives on, is inside; of a plain Lock nobody knows."""
    return hasattr(made, "_is_owned") and made._is_owned()


def _before():
    """Wait until no other thread is amid imports and all locks are held, both in the same moment.

    An import brings locks that were not there before, and takes them.
    """
    until = time.monotonic() + PATIENCE
    while True:
        while _others_import() and time.monotonic() < until:
            time.sleep(0.001)
        for made in list(_waited_for):
            if made.acquire(timeout=max(0.0, until - time.monotonic())):
                _held.append(made)
        if time.monotonic() >= until or not _others_import() and len(_held) == len(_waited_for):
            return
        _after_in_parent()


def _others_import():
    """Whether another thread is amid an import, of ours or of any module: nobody would free its lock in the child."""
    me = get_ident()
    module_locks = getattr(sys.modules.get("_frozen_importlib"), "_module_locks", {})
    owners = [getattr(reference(), "owner", None) for reference in list(module_locks.values())]
    return any(thread not in (None, me) for thread in (*_busy, *owners))


def _after_in_parent():
    while _held:
        _held.pop().release()


def _after_in_child():
    _after_in_parent()  # what the forking thread took is its own here, too
    me = get_ident()
    for thread in [thread for thread in _busy if thread != me]:
        del _busy[thread]
    for made in list(_locks):
        if not _is_mine(made):
            made._at_fork_reinit()  # as the standard library does with its own
    for function in _in_child:
        function()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
