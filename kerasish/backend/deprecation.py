"""Spellings of Keras 1 and 2: they work, with one DeprecationWarning each that names today's."""

from __future__ import annotations

import sys
import warnings
from typing import Any

_warned = set()


def caller_depth() -> int:
    """How many frames up the user's own code is, so that the warning points there (and Python shows it)."""
    depth, frame = 1, sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "kerasish":
        depth, frame = depth + 1, frame.f_back
    return depth


def warn_renamed(owner: str, old: Any, new: Any) -> None:
    """Say once a process that `old` (of `owner`, e.g. "fit") is now spelled `new`."""
    if (owner, old) not in _warned:
        _warned.add((owner, old))
        warnings.warn(
            f"`{old}` of `{owner}` is the spelling of an older Keras; it works, but today it is `{new}`.",
            DeprecationWarning,
            stacklevel=caller_depth(),
        )


def renamed(owner: str, kwargs: dict[str, Any], names: Any, taken: Any = ()) -> Any:
    """Move old argument names in `kwargs` to new ones, with a warning each.

    Args:
        owner: string for the message, e.g. "Dense".
        kwargs: dict of the arguments that were passed; changed in place.
        names: dict from old to new spelling.
        taken: new names that were passed as well.

    Raises: TypeError when the old and the new spelling are both given.
    """
    for old, new in names.items():
        if old in kwargs:
            if new in kwargs or new in taken:
                raise TypeError(f"`{owner}` got both `{new}` and its old spelling `{old}`. Keep `{new}`.")
            warn_renamed(owner, old, new)
            kwargs[new] = kwargs.pop(old)
    return kwargs


def reset_warnings() -> None:
    """Forget which warnings were given (for tests)."""
    _warned.clear()
