"""Views of windows over (batch, *space, channels)."""

from __future__ import annotations

from typing import Any

import cupy

from kerasish.backend.primitives.windows import common_parts, sizes_of, strided


def padded(x: Any, padding: Any) -> Any:
    """`x` with zeros around it; negative padding cuts off."""
    if not any(a or b for a, b in padding):
        return x
    inner, kept = common_parts(padding, x.shape[1:-1])
    if not any(a > 0 or b > 0 for a, b in padding):
        return x[(slice(None), *kept)]
    wide = cupy.empty((x.shape[0], *sizes_of(x.shape[1:-1], padding), x.shape[-1]), x.dtype)
    wide.fill(0)
    wide[(slice(None), *inner)] = x[(slice(None), *kept)]
    return wide


def windows(x: Any, counts: Any, window: Any, strides: Any, dilation: Any) -> Any:
    """A view (batch, *counts, *window, channels) of all windows of `x`, which is padded already."""
    return cupy.lib.stride_tricks.as_strided(x, *strided(x, counts, window, strides, dilation))
