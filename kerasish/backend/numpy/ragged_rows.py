"""Rows of different lengths that lie one after the other in one array, a mark behind each."""

from __future__ import annotations

from typing import Any

import numpy as np


def padded(numbers: np.ndarray[Any, Any], mark: int, width: int | None, fill: int = 0) -> np.ndarray[Any, Any]:
    """The rows as a matrix, cut or filled up.

    Args:
        numbers: ints, `mark` behind each row.
        mark: int.
        width: int; None: of the longest row.
        fill: int, what rows are filled up with.
    """
    ends = np.flatnonzero(numbers == mark)
    starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
    lengths = ends - starts
    if width is None:
        width = int(lengths.max(initial=0))
    columns = np.arange(width)
    inside = columns < lengths[:, None]
    out = np.full(inside.shape, fill, numbers.dtype)
    out[inside] = numbers[(starts[:, None] + columns)[inside]]
    return out


def with_row_numbers(numbers: np.ndarray[Any, Any], mark: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """(row of each number, the numbers without marks)."""
    marks = numbers == mark
    return np.cumsum(marks)[~marks], numbers[~marks]
