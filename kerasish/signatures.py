"""Calling what a user wrote with the arguments that its signature takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1024)
def _keywords(function):
    """The names that `function` takes by keyword, or None where it takes any (or does not say)."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a function written in C may not say
        return None
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return None
    return frozenset(p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY))


def takes(function: Callable[..., Any], name: str) -> bool:
    """Whether `function` takes an argument called `name` by keyword.

    >>> takes(lambda x, training=False: x, "training"), takes(lambda x: x, "training")
    (True, False)
    """
    names = _keywords(getattr(function, "__func__", function))
    return names is None or name in names


def call_with_accepted(function: Callable[..., Any], *args: Any, **offered: Any) -> Any:
    """`function(*args, ...)` with those of the `offered` keyword arguments that it takes.

    >>> call_with_accepted(lambda x, scale: x * scale, 2, scale=3, training=True)
    6
    """
    return function(*args, **{name: value for name, value in offered.items() if takes(function, name)})
