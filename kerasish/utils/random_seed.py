"""One seed for everything random in a program."""

from __future__ import annotations

import random as python_random

import numpy as np

from kerasish.random.seed_generator import reset_global_seed


def set_random_seed(seed: int) -> None:
    """Seed Python's `random`, NumPy's global generator and kerasish's own.

    So a program gives the same numbers each time it is run.

    Args:
        seed: int, 0 ... 2**32 - 1.

    Raises:
        ValueError: for anything else.

    Example:
        >>> import kerasish as keras
        >>> keras.utils.set_random_seed(1)
        >>> first = keras.random.uniform((2,))
        >>> keras.utils.set_random_seed(1)
        >>> bool((keras.random.uniform((2,)) == first).all())
        True
    """
    if not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise ValueError(f"`seed` must be an int in 0 ... 2**32 - 1, got {seed!r}.")
    python_random.seed(seed)
    np.random.seed(seed)
    reset_global_seed(seed)
