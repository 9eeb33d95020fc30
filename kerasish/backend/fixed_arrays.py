"""Arrays that a model keeps are its own: what the caller writes into his later does not reach it."""

from __future__ import annotations

from typing import Any

from kerasish import tree


def is_fixed(array: Any) -> bool:
    """Whether it is known that nobody can write to an array.

    A NumPy scalar, or one that is read-only like everything that it is a view of.

    Args:
        array: NumPy array, or what one is a view of.

    Example:
        >>> import numpy as np
        >>> from kerasish.backend.fixed_arrays import is_fixed
        >>> is_fixed(np.float32(1)), is_fixed(np.ones(2))
        (True, False)
    """
    while array is not None and hasattr(array, "flags"):
        if array.flags.writeable:
            return False
        array = getattr(array, "base", None)
    return array is None or isinstance(array, bytes)


def fixed(structure: Any) -> Any:
    """The structure in containers of its own, with a read-only copy in place of each array that can be written to.

    Args:
        structure: containers of arrays and of anything else, which is left as it is.

    Example:
        >>> import numpy as np
        >>> from kerasish.backend.fixed_arrays import fixed
        >>> mine = np.ones(2)
        >>> kept = fixed({"scale": mine})
        >>> mine[:] = 5
        >>> kept["scale"].tolist(), kept["scale"].flags.writeable
        ([1.0, 1.0], False)
    """
    return tree.map_structure(_fixed, structure)


def _fixed(leaf):
    if not hasattr(getattr(leaf, "flags", None), "writeable") or is_fixed(leaf):
        return leaf
    copy = leaf.copy()
    copy.flags.writeable = False
    return copy
