"""Matrix products; of the factorisations, those that ONNX has an operator for."""

from __future__ import annotations

from typing import Any

from kerasish.backend.primitives.shapes import broadcast
from kerasish.export.onnx.forms.words import primitive


def _turned(g, x, transposed):
    return g.transpose(x, (*range(x.rank - 2), x.rank - 1, x.rank - 2)) if transposed else x


@primitive("matmul")
def matmul(g: Any, x: Any, y: Any, transpose_x: bool = False, transpose_y: bool = False) -> Any:
    """MatMul; ints through int32 or floats, as onnxruntime has kernels."""
    dtype = x.dtype
    x, y = _turned(g, x, transpose_x), _turned(g, y, transpose_y)
    if dtype not in ("float32", "float64", "float16", "int32", "int64"):
        x, y = (g.cast(v, "int32" if "int" in dtype or dtype == "bool" else "float32") for v in (x, y))
    shape = (*broadcast(x.shape[:-2], y.shape[:-2]), x.shape[-2], y.shape[-1])
    return g.cast(g.op("MatMul", x, y, shape=shape), dtype)


@primitive("slogdet")
def slogdet(g: Any, x: Any) -> Any:
    """The sign of the determinant, and the logarithm of its size."""
    found = g.op("Det", x, shape=x.shape[:-2])
    return g.elementwise("Sign", found), g.elementwise("Log", g.elementwise("Abs", found))
