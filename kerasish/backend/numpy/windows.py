"""Views of windows, and the calls in which convolutions and pools go through a batch."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.primitives.windows import common_parts, image_slices, strided
from kerasish.typing import IntOrInts, TensorLike

_IMAGES = 1 << 19  # bytes: what a pool or a depthwise convolution works on at a time stays in the second-level cache


def image_blocks(count: int, bytes_per_image: Any) -> list[slice]:
    """Slices of a batch of `count`, each of few bytes but at least one image."""
    return image_slices(count, bytes_per_image, _IMAGES)


def cropped(x: TensorLike, padding: str) -> Any:
    """The view of `x` that a padding without positive numbers leaves."""
    return x[(slice(None), *common_parts(padding, x.shape[1:-1])[1])]


def windows(x: TensorLike, counts: TensorLike, window: Any, strides: IntOrInts, dilation: int) -> Any:
    """A view (batch, *counts, *window, channels) of all windows of `x`, which is padded already."""
    return np.lib.stride_tricks.as_strided(x, *strided(x, counts, window, strides, dilation))


def copying(target: TensorLike, source: Any) -> Any:
    """The call that copies."""
    return partial(np.copyto, target, source)


def filling(target: TensorLike, value: TensorLike) -> Any:
    """The call that fills."""
    return partial(target.fill, value)
