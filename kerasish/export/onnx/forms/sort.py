"""Orders of elements, by TopK of all of them."""

from __future__ import annotations

from typing import Any

from kerasish.export.onnx.forms.words import primitive

_SORTED = ("float32", "float64", "int32", "int64")


def _sortable(g, x):
    return x if x.dtype in _SORTED else g.cast(x, "float32" if "float" in x.dtype else "int64")


@primitive("argsort")
def argsort(g: Any, x: Any, axis: int, stable: bool = True) -> Any:
    """TopK of as many as there are, the smallest first; of equal ones onnxruntime gives the first first."""
    axis %= x.rank
    wide = _sortable(g, x)
    found = g.op(
        "TopK", wide, g.vector([x.shape[axis]]), outputs=2, dtypes=(wide.dtype, "int64"), axis=axis, largest=0, sorted=1
    )
    found[1].shape = x.shape
    return g.cast(found[1], "int32")


@primitive("top_k")
def top_k(g: Any, x: Any, k: Any) -> Any:
    """TopK along the last axis."""
    wide = _sortable(g, x)
    values, places = g.op(
        "TopK", wide, g.vector([k]), outputs=2, dtypes=(wide.dtype, "int64"), axis=x.rank - 1, largest=1, sorted=1
    )
    values.shape = places.shape = (*x.shape[:-1], k)
    return g.cast(values, x.dtype), g.cast(places, "int32")
