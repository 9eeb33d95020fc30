"""Where all that draws random numbers without a seed of its own is, to be put back there."""

from __future__ import annotations

import random as python_random
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from kerasish.random.seed_generator import global_state, set_global_state


def random_state() -> dict[str, Any]:
    """The states of Python's `random`, NumPy's global generator, kerasish's own, and PyTorch's where it is in use.

    Returns:
        Dict of plain data and arrays.

    Example:
        >>> import kerasish as keras
        >>> from kerasish.utils.random_state import random_state, set_random_state
        >>> before = random_state()
        >>> first = keras.random.uniform((2,))
        >>> set_random_state(before)
        >>> bool((keras.random.uniform((2,)) == first).all())
        True
    """
    version, words, spare = python_random.getstate()
    kind, keys, place, has_spare, other_spare = np.random.get_state()
    torch = sys.modules.get("torch")  # its loaders of data draw their order from its generator
    return {
        "python": [version, np.array(words, "uint32"), spare],
        "numpy": [kind, np.array(keys, "uint32"), int(place), int(has_spare), float(other_spare)],
        "kerasish": global_state(),
        "torch": torch.get_rng_state().numpy() if hasattr(torch, "get_rng_state") else None,
    }


def set_random_state(state: Mapping[str, Any]) -> None:
    """Let all of them draw what they drew after `random_state()`.

    Args:
        state: what that gave, in this process or another.
    """
    version, words, spare = state["python"]
    python_random.setstate((version, tuple(int(word) for word in words), spare))
    np.random.set_state(tuple(state["numpy"]))
    set_global_state(state["kerasish"])
    torch = sys.modules.get("torch")
    if state["torch"] is not None and hasattr(torch, "set_rng_state"):
        torch.set_rng_state(torch.from_numpy(np.array(state["torch"])))
