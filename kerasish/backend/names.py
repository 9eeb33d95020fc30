"""Unique names for layers, variables and models: "dense", "dense_1", ..."""

import re
import threading
from collections import defaultdict

_counts = defaultdict(int)
_lock = threading.Lock()


def get_uid(prefix=""):
    """The next integer for `prefix`, starting at 1.

    >>> import kerasish as keras
    >>> keras.backend.get_uid("doctest_prefix"), keras.backend.get_uid("doctest_prefix")
    (1, 2)
    """
    with _lock:
        _counts[prefix] += 1
        return _counts[prefix]


def reset_uids():
    """Start counting anew."""
    with _lock:
        _counts.clear()


def unique_name(prefix):
    """`prefix`, then `prefix_1`, `prefix_2`, ..."""
    count = get_uid(prefix)
    return prefix if count == 1 else f"{prefix}_{count - 1}"


def to_snake_case(name):
    """"MaxPooling2D" -> "max_pooling2d", as Keras names layers."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])", "_", re.sub(r"\W", "", name))
    return words.lower()
