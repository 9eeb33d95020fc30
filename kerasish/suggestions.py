"""What a misspelled name was probably meant to be, for messages of errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def nearest(name: Any, known: Iterable[Any], count: int = 1, cutoff: float = 0.6) -> list[str]:
    """At most `count` of the strings among `known` that are spelled like `name`, the nearest first.

    Args:
        name: what was given; anything that is no string counts as it is printed.
        known: the names that there are; what is no string is left out.
        count: how many to return at most.
        cutoff: between 0 and 1, how alike they must be.

    >>> nearest("adm", ["Adam", "SGD"])
    ['Adam']
    """
    import difflib  # start-up time: it is needed for errors alone

    name, known = str(name), [entry for entry in known if isinstance(entry, str)]
    found = difflib.get_close_matches(name, known, n=count, cutoff=cutoff)
    if found:
        return found
    lowered = {entry.lower(): entry for entry in known}
    return [lowered[key] for key in difflib.get_close_matches(name.lower(), lowered, n=count, cutoff=cutoff)]


def did_you_mean(
    name: Any,
    known: Iterable[Any],
    count: int = 1,
    cutoff: float = 0.6,
    quoted: Callable[[str], str] = repr,
    otherwise: str = "",
) -> str:
    """The end of a message: " Did you mean 'a' or 'b'?", or `otherwise` where no name is near.

    Args:
        name, known, count, cutoff: as of `nearest`.
        quoted: how a name is shown.
        otherwise: what to say where no name is near.

    >>> did_you_mean("adm", ["Adam", "SGD"])
    " Did you mean 'Adam'?"
    """
    near = nearest(name, known, count, cutoff)
    return f" Did you mean {' or '.join(map(quoted, near))}?" if near else otherwise


def in_backticks(name: str) -> str:
    """`name` as an argument is shown."""
    return f"`{name}`"
