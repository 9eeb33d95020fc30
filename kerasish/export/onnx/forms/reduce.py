"""Reductions over axes, and cumulative sums."""

from __future__ import annotations

from typing import Any

from kerasish.backend.primitives.shapes import normalize_axes, normalize_axis, reduced
from kerasish.export.onnx.forms.words import formula, primitive
from kerasish.export.onnx.loops import scanned

formula("sum", lambda g, x, axis=None, keepdims=False: over_axes(g, "ReduceSum", x, axis, keepdims))
formula("max", lambda g, x, axis=None, keepdims=False: over_axes(g, "ReduceMax", x, axis, keepdims))
formula("min", lambda g, x, axis=None, keepdims=False: over_axes(g, "ReduceMin", x, axis, keepdims))
formula("prod", lambda g, x, axis=None, keepdims=False: over_axes(g, "ReduceProd", x, axis, keepdims))
formula("any", lambda g, x, axis=None, keepdims=False: _of_bools(g, "ReduceMax", x, axis, keepdims))
formula("all", lambda g, x, axis=None, keepdims=False: _of_bools(g, "ReduceMin", x, axis, keepdims))
formula("argmax", lambda g, x, axis, keepdims=False: _place(g, "ArgMax", x, axis, keepdims))
formula("argmin", lambda g, x, axis, keepdims=False: _place(g, "ArgMin", x, axis, keepdims))

_SUMMED = ("float32", "float64", "int32", "int64", "float16")


def over_axes(g: Any, kind: str, x: Any, axis: Any, keepdims: bool) -> Any:
    """A reduction, below the order of axes in which it sees x."""
    axes = normalize_axes(axis, x.rank)
    if not axes:
        return x
    dtype = x.dtype
    if dtype not in _SUMMED:
        x = g.cast(
            x,
            "int32"
            if dtype != "uint32" and "int" in dtype or dtype == "bool"
            else "int64"
            if "int" in dtype
            else "float32",
        )
    base, order = g.seen(x)
    below = sorted(order[a] for a in axes)
    shape = reduced(base.shape, below, keepdims)
    if g.opset >= 18 or kind == "ReduceSum":
        out = g.op(kind, base, g.constant(below, "int64"), keepdims=int(keepdims), shape=shape)
    else:
        out = g.op(kind, base, axes=below, keepdims=int(keepdims), shape=shape)
    if keepdims:
        return g.cast(g.viewed(out, order), dtype)
    left = [a for i, a in enumerate(order) if i not in axes]
    return g.cast(g.viewed(out, [sorted(left).index(a) for a in left]), dtype)


def _of_bools(g, kind, x, axis, keepdims):
    if x.dtype != "bool":
        x = g.elementwise("Not", g.elementwise("Equal", x, g.constant(0, x.dtype), dtype="bool"), dtype="bool")
    return g.cast(over_axes(g, kind, g.cast(x, "int32"), axis, keepdims), "bool")


def _place(g, kind, x, axis, keepdims):
    axis = normalize_axis(axis, x.rank)
    base, order = g.seen(x)
    if not keepdims:
        base, order = (x, tuple(range(x.rank)))
    wide = g.cast(base, "int32") if base.dtype not in ("float32", "float64", "int32", "float16") else base
    shape = reduced(base.shape, (order[axis],), keepdims)
    found = g.op(kind, wide, axis=order[axis], keepdims=int(keepdims), dtype="int64", shape=shape)
    return g.cast(g.viewed(found, order) if keepdims else found, "int32")


@primitive("cumsum")
def cumsum(g: Any, x: Any, axis: int, reverse: bool = False) -> Any:
    """Running sums along one axis."""
    dtype = x.dtype
    x = x if dtype in ("float32", "float64", "int32", "int64") else g.cast(x, "int64" if "int" in dtype else "float32")
    axis = normalize_axis(axis, x.rank)
    return g.cast(g.op("CumSum", x, g.constant(axis, "int64"), reverse=int(reverse), shape=x.shape), dtype)


@primitive("cumprod")
def cumprod(g: Any, x: Any, axis: int, reverse: bool = False) -> Any:
    """Running products along one axis, by a loop over it."""
    return _running(g, "Mul", x, axis, reverse)


@primitive("cummax")
def cummax(g: Any, x: Any, axis: int, reverse: bool = False) -> Any:
    """Running maxima along one axis, by a loop over it."""
    return _running(g, "Max", x, axis, reverse)


def _running(g, kind, x, axis, reverse):
    axis = normalize_axis(axis, x.rank)
    rest = reduced(x.shape, (axis,), False)
    edge = [0] * x.rank
    first = g.op(
        "Slice", x, *map(g.vector, ([-1 if reverse else 0], [2**31 - 1 if reverse else 1], [axis])), shape=edge
    )
    neutral = g.op("Squeeze", first, g.constant([axis], "int64"), shape=rest)
    if kind == "Mul":
        neutral = g.elementwise("Add", g.elementwise("Mul", neutral, g.constant(0, x.dtype)), g.constant(1, x.dtype))

    def step(inner, carried, slices):
        (total,), (now,) = carried, slices
        after = inner.elementwise(kind, total, now)
        return [after], [after]

    return scanned(g, step, [neutral], [x], x.shape[axis], reverse, axis)[1][0]
