"""Training and test parts of tables, shuffled as Keras does."""

from __future__ import annotations

import numpy as np

Parts = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""`((x_train, y_train), (x_test, y_test))`."""


def check_test_split(test_split: float) -> None:
    """Refuse a share that leaves nothing to train on."""
    if not 0 <= test_split < 1:
        raise ValueError(f"`test_split` must be at least 0 and below 1, got {test_split!r}.")


def shuffled_parts(x: np.ndarray, y: np.ndarray, test_split: float, seed: int) -> Parts:
    """Rows in an order drawn from `seed`, the last `test_split` of them as test data.

    Args:
        x: inputs, shape (rows, ...).
        y: targets, shape (rows, ...).
        test_split: share of the rows, from 0 to below 1.
        seed: of NumPy's RandomState, so that the order is that of Keras.
    """
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    x, y = x[order], y[order]
    border = int(len(x) * (1 - test_split))
    return (x[:border].copy(), y[:border].copy()), (x[border:].copy(), y[border:].copy())
