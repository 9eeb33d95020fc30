"""What belongs to a layer: found by looking at its attributes when asked, so that no assignment needs a hook."""

from __future__ import annotations

from typing import Any

_LEAVES = frozenset((type(None), bool, int, float, str))  # what most attributes are, and nothing is found in


def find(owner: Any, kind: type, skip: Any = ()) -> list[Any]:
    """Objects of type `kind` among the attributes of `owner`, in order and each once.

    Also inside lists, tuples and dicts.
    """
    found, seen = [], set()
    for name, value in vars(owner).items():
        if type(value) not in _LEAVES and name not in skip:
            _collect(value, kind, found, seen)
    return found


def _collect(value, kind, found, seen):
    if isinstance(value, kind):
        if id(value) not in seen:
            seen.add(id(value))
            found.append(value)
    elif isinstance(value, dict):
        _collect_from(value, value.values(), kind, found, seen)
    elif type(value) in (list, tuple) or isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        _collect_from(value, value, kind, found, seen)


def _collect_from(container, items, kind, found, seen):
    if id(container) in seen:  # a container may hold itself
        return
    seen.add(id(container))
    for item in items:
        if type(item) not in _LEAVES:
            _collect(item, kind, found, seen)


def unique(items: Any) -> list[Any]:
    """`items` without repetition, by identity."""
    return list({id(item): item for item in items}.values())
