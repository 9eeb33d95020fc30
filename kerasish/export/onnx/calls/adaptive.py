"""Pools to a given number of windows, where the size of space is open; else they are the primitives' affair."""

from __future__ import annotations

from typing import Any

from kerasish.backend.settings import standardize_data_format
from kerasish.backend.sizes import is_open
from kerasish.export.onnx.calls.activations import is_float
from kerasish.export.onnx.forms.conv import channels_first
from kerasish.export.onnx.forms.reduce import over_axes
from kerasish.export.onnx.registry import op
from kerasish.ops.nn.space import sizes

_LEAST = {"float32": -3.4028234663852886e38, "float64": -1.7976931348623157e308, "float16": -65504.0}


@op("adaptive_average_pool")
def adaptive_average_pool(g: Any, inputs: Any, output_size: Any, data_format: Any) -> Any:
    """Products with shares that are worked out from the size."""
    return _adapted(g, inputs, output_size, data_format, _mean_along)


@op("adaptive_max_pool")
def adaptive_max_pool(g: Any, inputs: Any, output_size: Any, data_format: Any) -> Any:
    """Maxima of what lies in each window."""
    return _adapted(g, inputs, output_size, data_format, _largest_along)


def _adapted(g, x, output_size, data_format, along):
    if not is_float(x) or not is_open(x.shape[1:]) or isinstance(output_size, (tuple, list)) and None in output_size:
        return None
    first = standardize_data_format(data_format) == "channels_first"
    axes = tuple(range(x.rank)) if first else channels_first(x.rank)
    y = g.under(x, axes)
    for axis, count in enumerate(sizes(output_size, x.rank - 2, "output_size"), start=2):
        y = along(g, y, axis, count)
    return g.viewed(y, axes)


def _inside(g, size, count):
    """Bools (count, size): whether a point lies in a window, from i n // count to ceil((i + 1) n / count)."""
    windows = g.constant([[i] for i in range(count)], "int64")
    places = g.op("Range", *(g.sizes.scalar(n) for n in (0, size, 1)), dtype="int64", shape=(size,))
    n, number = g.sizes.scalar(size), g.constant(count, "int64")
    start = g.elementwise("Div", g.elementwise("Mul", windows, n), number)
    more = g.elementwise("Add", g.elementwise("Mul", g.elementwise("Add", windows, 1), n), count - 1)
    behind = g.elementwise("GreaterOrEqual", places, start, dtype="bool")
    before = g.elementwise("Less", places, g.elementwise("Div", more, number), dtype="bool")
    return g.elementwise("And", behind, before, dtype="bool")


def _mean_along(g, x, axis, count):
    inside = g.cast(_inside(g, x.shape[axis], count), x.dtype)
    shares = g.elementwise("Div", inside, over_axes(g, "ReduceSum", inside, 1, True))
    last = x.rank - 1
    order = [i for i in range(x.rank) if i != axis] + [axis]
    moved = g.transpose(x, order)
    out = g.op("MatMul", moved, g.transpose(shares, (1, 0)), shape=(*moved.shape[:last], count))
    return g.transpose(out, [order.index(i) for i in range(x.rank)])


def _largest_along(g, x, axis, count):
    size = x.shape[axis]
    inside = g.reshape(_inside(g, size, count), (count, size, *[1] * (x.rank - axis - 1)))
    each = g.reshape(x, (*x.shape[:axis], 1, *x.shape[axis:]))
    least = g.constant(_LEAST[x.dtype], x.dtype)
    return over_axes(g, "ReduceMax", g.elementwise("Where", inside, each, least, dtype=x.dtype), axis + 1, False)
