"""Primitives that read elements by position."""

from __future__ import annotations

from typing import Any

from kerasish.backend.primitives.shapes import normalize_axis
from kerasish.export.onnx.forms.words import primitive


def as_index(g: Any, indices: Any) -> Any:
    """Indices of a dtype that ONNX takes."""
    return indices if indices.dtype in ("int32", "int64") else g.cast(indices, "int64")


@primitive("take")
def take(g: Any, x: Any, indices: Any, axis: int) -> Any:
    """Gather."""
    axis = normalize_axis(axis, x.rank)
    shape = (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])
    if x.base is not None and indices.rank == 1:
        base, axes = g.seen(x)
        below = list(base.shape)
        below[axes[axis]] = indices.shape[0]
        return g.viewed(g.op("Gather", base, as_index(g, indices), axis=axes[axis], shape=below), axes)
    return g.op("Gather", x, as_index(g, indices), axis=axis, shape=shape)


@primitive("take_along_axis")
def take_along_axis(g: Any, x: Any, indices: Any, axis: int) -> Any:
    """GatherElements."""
    return g.op("GatherElements", x, as_index(g, indices), axis=normalize_axis(axis, x.rank), shape=indices.shape)


@primitive("gather_nd")
def gather_nd(g: Any, x: Any, indices: Any) -> Any:
    """GatherND; an index of no axes names x itself."""
    depth = indices.shape[-1]
    shape = (*indices.shape[:-1], *x.shape[depth:])
    if depth == 0:
        return g.op("Expand", x, g.vector(shape), shape=shape)
    return g.op("GatherND", x, g.cast(indices, "int64"), shape=shape)


@primitive("searchsorted")
def searchsorted(g: Any, sequence: Any, values: Any, side: str = "left") -> Any:
    """How many of the sequence lie before each value."""
    each = g.reshape(values, (*values.shape, 1))
    kind = "Less" if side == "left" else "LessOrEqual"
    if sequence.dtype not in ("float32", "float64", "int32", "int64"):
        sequence, each = g.cast(sequence, "float32"), g.cast(each, "float32")
    before = g.cast(g.elementwise(kind, sequence, each, dtype="bool"), "int32")
    return g.op("ReduceSum", before, g.constant([values.rank], "int64"), keepdims=0, shape=values.shape)
