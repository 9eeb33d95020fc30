"""Numbers as users give them: NumPy's scalars become Python's, so that sizes, axes and rates mean the same in both."""

from __future__ import annotations

from typing import Any


def is_numpy_scalar(x: Any) -> bool:
    """Whether `x` is a scalar of NumPy's (`np.int64(3)`), and no array."""
    return hasattr(x, "item") and getattr(x, "ndim", None) == 0 and not hasattr(x, "__setitem__")


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
