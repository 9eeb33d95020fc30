"""Numbers as users give them: NumPy's scalars become Python's, so that sizes, axes and rates mean the same in both."""

from __future__ import annotations

from typing import Any


def is_numpy_scalar(x: Any) -> bool:
    """Whether `x` is a scalar of NumPy's (`np.int64(3)`), and no array."""
    return hasattr(x, "item") and getattr(x, "ndim", None) == 0 and not hasattr(x, "__setitem__")


def is_number(value: Any) -> bool:
    """Whether `value` is a Python int or float, and no bool."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_size(value: Any) -> bool:
    """Whether `value` is a Python int from 0 on, and no bool."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def plain_numbers(given: Any) -> Any:
    """`given` with Python numbers in place of NumPy's scalars, in tuples, lists and dicts too.

    Containers without one come back as they are.

    >>> import numpy as np
    >>> plain_numbers((np.int64(2), [np.float32(0.5), None]))
    (2, [0.5, None])
    """
    if isinstance(given, dict):
        found = {key: plain_numbers(value) for key, value in given.items()}
        return found if type(given) is dict and any(found[key] is not given[key] for key in given) else given
    if type(given) in (tuple, list):
        items = [plain_numbers(item) for item in given]
        return type(given)(items) if any(a is not b for a, b in zip(items, given)) else given
    return given.item() if is_numpy_scalar(given) else given


def positive_integer(value: Any, name: str, optional: bool = False) -> Any:
    """`value` as an int of 1 or more.

    Args:
        value: what an argument was given; NumPy's integers count, bools do not.
        name: string, of the argument, for the message.
        optional: bool, whether None is taken too, and comes back.

    Raises:
        ValueError: for anything else.
    """
    if value is None and optional:
        return None
    if not _is_integer_from(value, 1):
        raise ValueError(f"`{name}` must be a positive integer{' or None' * optional}, got {value!r}.")
    return int(value)


def integer_from(value: Any, name: str, least: int) -> int:
    """`value` as an int of `least` or more. Raises ValueError that names the argument for anything else."""
    if not _is_integer_from(value, least):
        raise ValueError(f"`{name}` must be an integer of at least {least}, got {value!r}.")
    return int(value)


def _is_integer_from(value, least):
    return not isinstance(value, bool) and hasattr(value, "__index__") and value >= least
