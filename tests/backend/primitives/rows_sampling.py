"""Rows of primitives/sampling.py."""

import math
from itertools import product

import numpy as np

from kerasish.backend.primitives.sampling import MODES
from tests.backend.primitives.harness import Row, integers, values


def _index(i, n, mode):
    """Which of n points lies at place i of the line that goes on beyond them; None for the number there."""
    if mode == "constant":
        return i if 0 <= i < n else None
    if mode == "nearest":
        return min(max(i, 0), n - 1)
    order = {"wrap": [*range(n)], "reflect": [*range(n), *reversed(range(n))]}.get(mode)
    order = order or [*range(n), *reversed(range(1, n - 1))]
    return order[i % len(order)]


def _sample(x, *points, order, mode, fill):
    """Point by point."""
    out = np.zeros((*points[0].shape, x.shape[-1]))
    for place in np.ndindex(*points[0].shape):
        at = [float(axis[place]) for axis in points]
        if order == 0:
            corners = [[(int(math.copysign(math.floor(abs(a) + 0.5), a)), 1.0)] for a in at]
        else:
            corners = [[(math.floor(a), 1 - (a - math.floor(a))), (math.floor(a) + 1, a - math.floor(a))] for a in at]
        for corner in product(*corners):
            found = [_index(i, n, mode) for (i, _), n in zip(corner, x.shape[1:])]
            value = fill if None in found else x[(place[0], *found)]
            out[place] += value * np.prod([w for _, w in corner])
    return out.astype(x.dtype)


ROWS = [
    *[
        Row("sample", values(2, 4, 3, 2), values(2, 5, low=-6, high=9), values(2, 5, low=-6, high=9), order=order,
        mode=mode, fill=0.7, reference=_sample)
        for mode in MODES
        for order in (0, 1)
    ],
    *[Row("sample", values(1, 5, 1), values(1, 2, 3, low=-6, high=9), order=1, mode=mode, fill=0, reference=_sample)
    for mode in MODES],
    *[Row("sample", values(1, 1, 1, 1), values(1, 4), values(1, 4), order=1, mode=mode, fill=0, reference=_sample)
    for mode in MODES],
    Row("sample", values(1, 2, 3, 2, 2), *[values(1, 3) for _ in range(3)], order=1, mode="reflect", fill=0,
    reference=_sample),
    Row("sample", integers(1, 4, 4, 1), np.array([[0.5, -0.5, 1.5]]), np.array([[2.5, 0.0, 9.0]]), order=0,
    mode="nearest", fill=0, reference=_sample),
    Row("sample", values(2, 3, 3, 1), values(2, 0), values(2, 0), order=1, mode="wrap", fill=0, reference=_sample),
]  # fmt: skip
