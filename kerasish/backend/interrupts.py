"""Signals that wait for the end of what must be done whole: Ctrl-C never leaves half of a training step behind."""

from __future__ import annotations

import functools
import threading
import time

# what stands behind the functions of `signal`, which take a microsecond more each to say handlers as enums
from _signal import SIGINT, SIGTERM, getsignal, signal
from collections.abc import Callable
from typing import Any

from kerasish.typing import AnyFunction

PATIENCE = 10.0  # seconds after which a signal that comes again is let through: what runs may never end


def undivided(run: Callable[[], None]) -> Callable[[], None]:
    """A function that does what `run` does, whole: handlers of SIGINT and SIGTERM are called behind it.

    Handlers run in the main thread alone; in any other there is nothing to defer. One who raises (KeyboardInterrupt, by
    default) raises out of the call, when all is done. A signal that comes again ten seconds after the first is handled
    at once.

    Args:
        run: function without arguments.
    """
    return _without(SIGINT, _without(SIGTERM, run))


def whole(function: AnyFunction) -> AnyFunction:
    """Decorator: what the function does is done whole, as by `undivided`.

    For what assigns several Variables that belong together.
    """

    @functools.wraps(function)
    def done_whole(*args, **kwargs):
        result = []
        undivided(lambda: result.append(function(*args, **kwargs)))()
        return result[0]

    return done_whole


def _without(number, run):
    """`run`, during which one signal waits. One each, so that a handler who raises can't keep another away."""

    def run_whole():
        handler = getsignal(number)
        if not callable(handler) or threading.current_thread() is not threading.main_thread():
            run()
            return
        came, over = [], False

        def note(number: int, frame: Any) -> None:
            came.append(time.monotonic())
            if over or came[-1] - came[0] > PATIENCE:  # over: a debugger has kept this handler, and put it back
                handler(number, frame)

        try:
            signal(number, note)
            run()
        finally:
            over = True
            if getsignal(number) is note:  # else what ran has set another
                signal(number, handler)
            if came:
                handler(number, None)

    return run_whole
