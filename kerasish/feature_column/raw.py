"""Raw features on the host: arrays of shape (batch, values), text as text, missing values known."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.feature_column.column import Host


def is_text(array: Any) -> bool:
    """Whether an array holds text."""
    return array.dtype.kind in "SUOT"


def rows_of(host: Host, key: str) -> np.ndarray[Any, Any]:
    """A feature as an array of shape (batch, values), text as NumPy's str.

    Args:
        host: the batch.
        key: name of the feature.
    """
    return host.once(("rows", key), lambda: _as_rows(np.asarray(host.arrays[key])))


def _as_rows(array):
    array = array.reshape(len(array), -1) if array.ndim else array.reshape(1, 1)
    if array.dtype.kind == "S":
        return np.char.decode(array, "utf-8", "replace")
    if array.dtype.kind in "OT":
        decoded = [_text(item) for item in array.ravel().tolist()]
        return np.array(decoded, str).reshape(array.shape)
    return array


def _text(item):
    return item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item)


def is_missing(rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Where there is no value: "" of text, -1 of numbers."""
    return rows == "" if is_text(rows) else rows == -1
