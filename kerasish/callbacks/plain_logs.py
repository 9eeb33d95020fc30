"""Logs of an epoch or a run as plain numbers."""

from __future__ import annotations

import ctypes
from typing import Any

from kerasish.typing import Logs, TensorLike


def plain(logs: Logs) -> dict[str, Any]:
    """A new dict of `logs` (a mapping or None), sorted by name: dicts within are flattened, scalars become floats."""
    numbers = {}
    for name in sorted(logs or ()):
        value = logs[name]
        if isinstance(value, dict):
            numbers.update(plain(value))
        else:
            numbers[name] = as_float(value)
    return numbers


def as_float(value: TensorLike) -> Any:
    """A scalar of any kind as a float; arrays, strings and other objects as they are."""
    if isinstance(value, str) or getattr(value, "ndim", 0):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def rounded(value: TensorLike) -> Any:
    """A float as single precision holds it."""
    return ctypes.c_float(value).value
