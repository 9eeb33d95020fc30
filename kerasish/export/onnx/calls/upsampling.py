"""Points repeated along axes of space."""

from __future__ import annotations

from typing import Any

from kerasish.export.onnx.forms.conv import channels_first
from kerasish.export.onnx.registry import layer


@layer("UpSampling1D", "UpSampling2D", "UpSampling3D")
def up_sampling(g: Any, call: Any, inputs: Any) -> Any:
    """Resize by whole factors, each point the one below it."""
    x, factors = inputs, call.layer.size
    if getattr(call.layer, "interpolation", "nearest") != "nearest" or x.dtype != "float32":
        return None
    factors = [factors] if isinstance(factors, int) else list(factors)
    first = getattr(call.layer, "data_format", "channels_last") == "channels_first"
    axes = tuple(range(x.rank)) if first else channels_first(x.rank)
    base = g.under(x, axes)
    scales = g.constant([1, 1, *factors], "float32")
    options = {"mode": "nearest", "nearest_mode": "floor", "coordinate_transformation_mode": "asymmetric"}
    shape = (*base.shape[:2], *(n * f for n, f in zip(base.shape[2:], factors)))
    return g.viewed(g.op("Resize", base, None, scales, shape=shape, **options), axes)
