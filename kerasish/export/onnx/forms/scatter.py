"""Primitives that write elements by position."""

from __future__ import annotations

from typing import Any

from kerasish.export.onnx.forms.creation import full
from kerasish.export.onnx.forms.words import formula, primitive

formula("scatter_update", lambda g, x, indices, updates: _scattered(g, x, indices, updates, None))
formula("scatter_nd_add", lambda g, x, indices, updates: _scattered(g, x, indices, updates, "add"))
formula("scatter_nd_combine", lambda g, x, indices, updates, mode: _scattered(g, x, indices, updates, mode))


def _scattered(g, x, indices, updates, reduction):
    dtype = x.dtype
    if reduction in ("max", "min") and g.opset < 18:
        raise ValueError(
            f"ScatterND with reduction {reduction!r} came to ONNX with opset 18: pass `opset_version=18` or more."
        )
    if reduction is not None and dtype not in ("float32", "float64", "int32", "int64"):
        x, updates = (g.cast(v, "int32" if "int" in dtype else "float32") for v in (x, updates))
    out = g.op("ScatterND", x, g.cast(indices, "int64"), updates, reduction=reduction, shape=x.shape)
    return g.cast(out, dtype)


@primitive("put_along_axis_add")
def put_along_axis_add(g: Any, x: Any, indices: Any, axis: int, size: Any) -> Any:
    """ScatterElements into zeros, adding."""
    axis %= x.rank
    shape = (*x.shape[:axis], size, *x.shape[axis + 1 :])
    zeros = full(g, shape, 0, x.dtype)
    return g.op("ScatterElements", zeros, g.cast(indices, "int64"), x, axis=axis, reduction="add", shape=shape)


@primitive("take_gradient")
def take_gradient(g: Any, x: Any, indices: Any, axis: int, size: Any) -> Any:
    """Rows added up where their index says: ScatterND along the first axis."""
    count = indices.rank
    order = [*range(axis, axis + count), *range(axis), *range(axis + count, x.rank)]
    rows = g.transpose(x, order)
    rest = [n for i, n in enumerate(x.shape) if not axis <= i < axis + count]
    zeros = full(g, (size, *rest), 0, x.dtype)
    wrapped = _counted_from_front(g, g.cast(indices, "int64"), size)
    where = g.reshape(wrapped, (*indices.shape, 1))
    out = g.op("ScatterND", zeros, where, rows, reduction="add", shape=(size, *rest))
    return g.transpose(out, [*range(1, axis + 1), 0, *range(axis + 1, len(rest) + 1)])


def _counted_from_front(g, indices, size):
    below = g.elementwise("Less", indices, g.constant(0, "int64"), dtype="bool")
    moved = g.elementwise("Add", indices, g.sizes.scalar(size))
    return g.elementwise("Where", below, moved, indices, dtype="int64")
