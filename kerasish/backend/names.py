"""Unique names for layers, variables and models: "dense", "dense_1", ..."""

from __future__ import annotations

import contextlib
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from kerasish import forks
from kerasish.backend import context

_counts = defaultdict(int)
_lock = forks.lock()


def get_uid(prefix: str = "") -> int:
    """The next integer for a prefix, starting at 1.

    Args:
        prefix: string.

    Returns:
        Int.

    Example:
        >>> import kerasish as keras
        >>> keras.backend.get_uid("doctest_prefix"), keras.backend.get_uid("doctest_prefix")
        (1, 2)
    """
    with _lock:
        _counts[prefix] += 1
        return _counts[prefix]


def reset_uids() -> None:
    """Start counting anew: the next layer is "dense" again.

    Example:
        >>> import kerasish as keras
        >>> keras.backend.reset_uids()
    """
    with _lock:
        _counts.clear()


def unique_name(prefix: str) -> str:
    """`prefix`, then `prefix_1`, `prefix_2`, ..."""
    count = get_uid(prefix)
    return prefix if count == 1 else f"{prefix}_{count - 1}"


def to_snake_case(name: str) -> str:
    """The name of a class as Keras names layers: "MaxPooling2D" becomes "max_pooling2d"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])", "_", re.sub(r"\W", "", name))
    return words.lower()


@contextlib.contextmanager
def name_scope(
    name: str, caller: Any = None, deduplicate: bool = True, override_parent: str | None = None
) -> Iterator[Any]:
    """A scope whose name goes before the paths of the layers and variables that are made inside it.

    Args:
        name: string without "/".
        caller: any object; with `deduplicate`, a scope of the same name and caller right inside such a one changes
            nothing.
        deduplicate: bool, see `caller`.
        override_parent: string, a path that stands in place of that of the scopes around.

    Returns:
        A context manager.

    Raises:
        ValueError: for a name that can't be part of a path.

    Example:
        >>> import kerasish as keras
        >>> with keras.name_scope("encoder"):
        ...     print(keras.Variable(1.0, name="scale").path)
        encoder/scale
    """
    if not isinstance(name, str) or "/" in name:
        raise ValueError(f"`name` must be a string without '/', got {name!r}.")
    if caller is not None and deduplicate and context.current().name_scope == (id(caller), name):
        yield
        return
    parent = context.current().variable_path if override_parent is None else override_parent.strip("/")
    with context.scope(variable_path=f"{parent}/{name}" if parent else name, name_scope=(id(caller), name)):
        yield
