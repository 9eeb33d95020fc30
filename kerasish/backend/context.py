"""What the current thread is doing: tracing, taping or computing at once; and the scopes that say how."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class _State(threading.local):
    def __init__(self):
        self.interpreters = []
        self.scopes = {}


_state = _State()


def interpreter() -> Any:
    """The innermost active Trace or Tape of this thread, or None where values are computed at once."""
    stack = _state.interpreters
    return stack[-1] if stack else None


@contextmanager
def interpreting(new: Any) -> Iterator[Any]:
    """Hand every primitive called inside to `new` (None: compute at once, whatever is being traced outside)."""
    _state.interpreters.append(new)
    try:
        yield new
    finally:
        _state.interpreters.pop()


def escaped() -> Any:
    """A scope that computes at once, for values that a trace needs to know (initial weights)."""
    return interpreting(None)


def active_interpreters() -> Any:
    """The chain of active interpreters, innermost first, down to the last escape."""
    chain = []
    for item in reversed(_state.interpreters):
        if item is None:
            break
        chain.append(item)
    return chain


@contextmanager
def scope(**values: Any) -> Iterator[Any]:
    """Set thread-local values for a while, e.g. `scope(autocast="float16")`."""
    previous = dict(_state.scopes)
    _state.scopes.update(values)
    try:
        yield
    finally:
        _state.scopes = previous


def scoped(name: str, default: Any = None) -> Any:
    """The value that the innermost `scope` gave to `name`."""
    return _state.scopes.get(name, default)
