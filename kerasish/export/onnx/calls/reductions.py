"""Means."""

from __future__ import annotations

from typing import Any

from kerasish.export.onnx.calls.activations import is_float
from kerasish.export.onnx.forms.reduce import over_axes
from kerasish.export.onnx.registry import op


@op("mean")
def mean(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """ReduceMean."""
    if not is_float(x) or x.rank == 0:
        return None
    return over_axes(g, "ReduceMean", x, axis, keepdims)
