"""How long this rank may keep the others waiting before they take it for one that hangs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE = 10.0  # times the timeout: for what takes its time
_reasons: dict[Any, float] = {}  # whose -> times
_changes = [0]  # how often something that takes its time was over


def slow_begins(what: Any, times: float = PATIENCE) -> None:
    """Say that something begins that may take longer than a step.

    Args:
        what: a hashable, by which its end is told. times: how many timeouts it may take; infinity for ever.
    """
    _reasons[what] = times


def slow_ends(what: Any) -> None:
    """Say that it is over, if it had begun: the others wait for a timeout from now on."""
    if _reasons.pop(what, None) is not None:
        _changes[0] += 1


@contextmanager
def slowly(times: float = PATIENCE) -> Iterator[None]:
    """What stands in `with` may take so many timeouts."""
    slow_begins(mark := object(), times)
    try:
        yield
    finally:
        slow_ends(mark)


def allowed() -> float:
    """How many timeouts the others are to wait."""
    return max(list(_reasons.values()), default=1.0)


def changes() -> int:
    """A number that is another one when something that takes its time is over."""
    return _changes[0]
