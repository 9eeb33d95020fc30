"""Pictures of another size, by the rules of `tf.image.resize` without antialiasing, one picture at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np


def _triangle(x):
    return np.maximum(0, 1 - np.abs(x))


def _cubic(x, b=0.0, c=0.5):
    """Mitchell and Netravali's family; b=0, c=0.5 is that of Keys."""
    x = np.abs(x)
    near = (12 - 9 * b - 6 * c) * x**3 + (-18 + 12 * b + 6 * c) * x**2 + (6 - 2 * b)
    far = (-b - 6 * c) * x**3 + (6 * b + 30 * c) * x**2 + (-12 * b - 48 * c) * x + (8 * b + 24 * c)
    return np.where(x < 1, near, np.where(x < 2, far, 0)) / 6


def _mitchell(x):
    return _cubic(x, 1 / 3, 1 / 3)


def _lanczos(radius):
    return lambda x: np.where(np.abs(x) < radius, np.sinc(x) * np.sinc(x / radius), 0)


def _gaussian(x):
    return np.where(np.abs(x) < 1.5, np.exp(-(x**2) * 2), 0)


_KERNELS: dict[str, tuple[Callable[[np.ndarray], np.ndarray], float]] = {
    "bilinear": (_triangle, 1),
    "bicubic": (_cubic, 2),
    "lanczos3": (_lanczos(3), 3),
    "lanczos5": (_lanczos(5), 5),
    "gaussian": (_gaussian, 1.5),
    "mitchellcubic": (_mitchell, 2),
}
_CUBIC_STEPS = 1024  # TensorFlow looks the cubic kernel up in a table of so many places between two points
INTERPOLATIONS = ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic")


def resized(picture: np.ndarray, size: tuple[int, int], interpolation: str) -> np.ndarray:
    """The picture in another size.

    Args:
        picture: float32 array of shape (height, width, channels).
        size: (height, width).
        interpolation: one of `INTERPOLATIONS`.
    """
    for axis in (0, 1):
        old, new = picture.shape[axis], size[axis]
        if old != new or interpolation in ("gaussian", "mitchellcubic"):
            picture = _along(picture, axis, *_taps(old, new, interpolation))
    return picture


def _along(picture, axis, indices, weights):
    """Sums of rows (or columns) with weights: `indices` and `weights` have shape (new size, taps)."""
    shape = (-1, 1, 1) if axis == 0 else (1, -1, 1)
    total = picture.take(indices[:, 0], axis) * weights[:, 0].reshape(shape)
    for tap in range(1, indices.shape[1]):
        total += picture.take(indices[:, tap], axis) * weights[:, tap].reshape(shape)
    return total


@lru_cache(maxsize=256)
def _taps(old, new, interpolation):
    """Which old points make each new one, and with which weights."""
    scale = old / new
    if interpolation == "nearest":
        nearest = np.minimum(np.floor((np.arange(new) + 0.5) * scale).astype(int), old - 1)
        return nearest[:, None], np.ones((new, 1), "float32")
    if interpolation == "area":
        return _overlaps(old, new, scale)
    kernel, radius = _KERNELS[interpolation]
    middles = (np.arange(new) + 0.5) * scale
    if interpolation == "bicubic":
        middles = np.rint((middles - 0.5) * _CUBIC_STEPS) / _CUBIC_STEPS + 0.5
    first = np.ceil(middles - radius - 0.5).astype(int)
    indices = first[:, None] + np.arange(int(np.ceil(2 * radius)) + 1)
    weights = kernel(indices + 0.5 - middles[:, None])
    weights = np.where((indices >= 0) & (indices < old), weights, 0)  # outside there is nothing
    weights /= weights.sum(axis=1, keepdims=True)
    return np.clip(indices, 0, old - 1), weights.astype("float32")


def _overlaps(old, new, scale):
    """The share of each old point in the stretch of a new one."""
    begin = np.arange(new) * scale
    first = np.floor(begin).astype(int)
    indices = first[:, None] + np.arange(int(np.ceil(scale)) + 1)
    covered = np.minimum(indices + 1, (begin + scale)[:, None]) - np.maximum(indices, begin[:, None])
    weights = np.maximum(covered, 0) / scale
    return np.minimum(indices, old - 1), weights.astype("float32")
