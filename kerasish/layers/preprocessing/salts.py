"""The argument `salt` of layers that hash."""

from __future__ import annotations

from typing import Any


def checked_salt(salt: Any) -> list[int] | None:
    """A salt as two ints, or None. Raises ValueError naming the argument."""
    numbers = [salt, salt] if hasattr(salt, "__index__") else list(salt) if isinstance(salt, (list, tuple)) else salt
    if numbers is None:
        return None
    if not isinstance(numbers, list) or len(numbers) != 2 or any(not hasattr(n, "__index__") for n in numbers):
        raise ValueError(f"`salt` must be an int, or two of them, got {salt!r}.")
    return [int(number) for number in numbers]
