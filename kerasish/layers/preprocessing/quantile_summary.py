"""A short summary of many numbers, from which quantiles are read: values, and how many numbers each stands for."""

from __future__ import annotations

import bisect
import itertools
import math

from kerasish import ops
from kerasish.typing import TensorLike


class QuantileSummary:
    """Numbers that come in batches, kept as at most `1 / epsilon` weighted values.

    Args:
        epsilon: float, the error of a quantile, as a share of the numbers.
    """

    def __init__(self, epsilon: float) -> None:
        self.epsilon = epsilon
        self._points: list[tuple[float, float]] = []  # (value, weight), in order

    def __len__(self) -> int:
        return len(self._points)

    def add(self, numbers: TensorLike) -> None:
        """Take in a batch of numbers, of any shape."""
        rising = ops.convert_to_numpy(ops.sort(ops.reshape(ops.cast(numbers, "float32"), (-1,))))
        step = max(len(rising) * self.epsilon, 1)
        picked = rising[int(step - 1) :: int(step)].tolist()
        self._points = _compressed(sorted(self._points + [(value, step) for value in picked]), self.epsilon)

    def take(self, points: list[tuple[float, float]]) -> None:
        """Go on from weighted values, in order, that were found elsewhere."""
        self._points = points

    def boundaries(self, bins: int) -> list[float]:
        """The `bins - 1` values that part the numbers into `bins` of about the same size."""
        values = [value for value, _ in _compressed(self._points, 1 / bins)][:-1]
        return ops.convert_to_numpy(ops.convert_to_tensor(values, dtype="float32")).tolist()


def _compressed(points, epsilon):
    """The weighted values at the shares epsilon, 2 epsilon, ... of all weight, in place of `points`."""
    if len(points) * epsilon < 1:
        return points
    values, weights = zip(*points)
    sums = list(itertools.accumulate(weights))
    at = [share / sums[-1] for share in sums]
    shares = [epsilon + number * epsilon for number in range(math.ceil(1 / epsilon))]
    total = [_interpolated(share, at, sums) for share in shares]
    heights = [_interpolated(share, at, values) for share in shares]
    return [(value, here - before) for value, here, before in zip(heights, total, [0.0, *total])]


def _interpolated(x, xs, ys):
    right = bisect.bisect_right(xs, x)
    if right in (0, len(xs)):
        return ys[0] if right == 0 else ys[-1]
    share = (x - xs[right - 1]) / (xs[right] - xs[right - 1])
    return ys[right - 1] + share * (ys[right] - ys[right - 1])
