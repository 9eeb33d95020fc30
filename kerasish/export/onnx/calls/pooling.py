"""Means of windows."""

from __future__ import annotations

from typing import Any

from kerasish.backend.settings import standardize_data_format
from kerasish.export.onnx.forms.conv import channels_first
from kerasish.export.onnx.forms.pool import pooled
from kerasish.export.onnx.registry import op
from kerasish.ops.nn.space import padding_for, sizes


@op("average_pool")
def average_pool(g: Any, inputs: Any, pool_size: Any, strides: Any, padding: Any, data_format: Any) -> Any:
    """AveragePool, in which points of the padding do not count."""
    x = inputs
    if getattr(x, "dtype", None) not in ("float32", "float16"):
        return None
    rank = x.rank
    order = channels_first(rank)
    first = standardize_data_format(data_format) == "channels_first"
    x = g.transpose(x, order) if first else x
    window = sizes(pool_size, rank - 2, "pool_size")
    strides = window if strides is None else sizes(strides, rank - 2, "strides")
    pads = padding_for(padding, x.shape[1:-1], window, strides, (1,) * (rank - 2))
    out = pooled(g, "AveragePool", x, window, strides, pads, count_include_pad=0)
    return g.transpose(out, (0, rank - 1, *range(1, rank - 1))) if first else out
