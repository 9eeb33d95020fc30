"""Hashes that are the same on every machine and in every process, as TensorFlow computes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.backend.numpy.text_hashes import CROSS_KEY, crossed, fingerprints
from kerasish.suggestions import suggesting


def fingerprint64(texts: Any) -> np.ndarray[Any, Any]:
    """FarmHash64's fingerprint of each text.

    Args:
        texts: array of strings or bytes, of any shape, or of ints, which are hashed as their decimal digits; or a list
            of strings.

    Returns:
        NumPy array of uint64, of the same shape.

    Example:
        >>> import kerasish as keras
        >>> (keras.utils.fingerprint64(["A", "B"]) % 3).tolist()
        [1, 0]

    Reference:
        https://github.com/google/farmhash
    """
    array = np.asarray(texts)
    return fingerprints(array).reshape(array.shape)


@suggesting
def crossed_fingerprints(columns: Sequence[Any], hash_key: int | None = None) -> np.ndarray[Any, Any]:
    """One hash for the values that stand in the same place of several columns.

    Args:
        columns: list of arrays of one shape: fingerprints, or integers.
        hash_key: int that the chain of hashes begins with; None takes TensorFlow's.

    Returns:
        NumPy array of uint64, of the same shape.

    Example:
        >>> import kerasish as keras
        >>> letters = keras.utils.fingerprint64(["A", "B"])
        >>> (keras.utils.crossed_fingerprints([letters, [101, 102]]) % 5).tolist()
        [1, 1]
    """
    arrays = [np.asarray(column) for column in columns]
    return crossed(arrays, CROSS_KEY if hash_key is None else hash_key)
