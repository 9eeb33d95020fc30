"""Maximum and sum over windows."""

from __future__ import annotations

from typing import Any

from kerasish.backend.sizes import is_open
from kerasish.export.onnx.forms.conv import channels_first, windows
from kerasish.export.onnx.forms.movement import pad as padded
from kerasish.export.onnx.forms.words import primitive

_LEAST = {"float32": -3.4028234663852886e38, "float64": -1.7976931348623157e308, "float16": -65504.0}


def pooled(
    g: Any, kind: str, x: Any, window: Any, strides: Any, padding: Any, value: float = 0.0, **attributes: Any
) -> Any:
    """One pooling operator; `value` is what padding holds that ONNX can't say."""
    axes = channels_first(x.rank)
    x, options, space = windows(g, x, window, strides, padding, (1,) * len(window), value)
    shape = (x.shape[0], x.shape[-1], *space)
    return g.viewed(g.op(kind, g.under(x, axes), shape=shape, **options, **attributes), axes)


def _as_floats(g, x):
    return x if x.dtype in _LEAST else g.cast(x, "float64" if x.dtype in ("int64", "uint32") else "float32")


@primitive("max_pool")
def max_pool(g: Any, x: Any, window: Any, strides: Any, padding: Any) -> Any:
    """MaxPool."""
    dtype, x = x.dtype, _as_floats(g, x)
    return g.cast(pooled(g, "MaxPool", x, window, strides, padding, _LEAST[x.dtype]), dtype)


@primitive("sum_pool")
def sum_pool(g: Any, x: Any, window: Any, strides: Any, padding: Any) -> Any:
    """AveragePool of all points, those of the padding too, times their number."""
    dtype = x.dtype
    x = x if dtype in ("float32", "float16") else g.cast(x, "float32")
    if is_open(padding):
        x, padding = padded(g, x, ((0, 0), *padding, (0, 0)), 0), ((0, 0),) * len(window)
    mean = pooled(g, "AveragePool", x, window, strides, padding, count_include_pad=1)
    return g.cast(g.elementwise("Mul", mean, g.constant(g.count(window), mean.dtype)), dtype)
