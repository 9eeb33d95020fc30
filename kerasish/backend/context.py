"""What the current thread is doing: tracing, taping or computing at once; and the scopes that say how."""

import threading
from contextlib import contextmanager


class _State(threading.local):
    def __init__(self):
        self.interpreters = []
        self.scopes = {}


_state = _State()


def interpreter():
    """The innermost active Trace or Tape of this thread, or None where values are computed at once."""
    stack = _state.interpreters
    return stack[-1] if stack else None


@contextmanager
def interpreting(new):
    """Hand every primitive called inside to `new` (None: compute at once, whatever is being traced outside)."""
    _state.interpreters.append(new)
    try:
        yield new
    finally:
        _state.interpreters.pop()


def escaped():
    """A scope that computes at once, for values that a trace needs to know (initial weights)."""
    return interpreting(None)


def active_interpreters():
    """The chain of active interpreters, innermost first, down to the last escape."""
    chain = []
    for item in reversed(_state.interpreters):
        if item is None:
            break
        chain.append(item)
    return chain


@contextmanager
def scope(**values):
    """Set thread-local values for a while, e.g. `scope(autocast="float16")`."""
    previous = dict(_state.scopes)
    _state.scopes.update(values)
    try:
        yield
    finally:
        _state.scopes = previous


def scoped(name, default=None):
    """The value that the innermost `scope` gave to `name`."""
    return _state.scopes.get(name, default)
