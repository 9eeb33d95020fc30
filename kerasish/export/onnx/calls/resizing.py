"""Images of another size."""

from __future__ import annotations

from typing import Any

from kerasish.backend.settings import standardize_data_format
from kerasish.backend.sizes import is_open
from kerasish.export.onnx.forms.conv import channels_first
from kerasish.export.onnx.registry import op

_MODES = {
    "nearest": {"mode": "nearest", "nearest_mode": "round_prefer_ceil"},
    "bilinear": {"mode": "linear"},
    "bicubic": {"mode": "cubic", "cubic_coeff_a": -0.5, "exclude_outside": 1},
}


@op("resize")
def resize(
    g: Any,
    images: Any,
    size: Any,
    interpolation: str,
    antialias: bool,
    crop_to_aspect_ratio: bool,
    pad_to_aspect_ratio: bool,
    fill_mode: str,
    fill_value: float,
    data_format: Any,
) -> Any:
    """Resize with half a pixel's shift; what it can't say (Lanczos, proportions kept) is left to primitives."""
    x = images
    if interpolation not in _MODES or crop_to_aspect_ratio or pad_to_aspect_ratio or x.rank != 4:
        return None
    dtype = x.dtype
    if antialias or dtype not in ("float32", "uint8", "int32", "float16", "float64"):
        return None
    if "int" in dtype and interpolation != "nearest" and not is_open(x.shape[1:]):
        return None  # a sum in another order may be rounded to another number
    wide = x if dtype == "float32" or (interpolation == "nearest" and dtype == "uint8") else g.cast(x, "float32")
    order = channels_first(4)
    if standardize_data_format(data_format) == "channels_first":
        axes = None
    else:
        wide, axes = g.under(wide, order), order
    target = [n if is_open(n) else int(n) for n in size]
    shape = (*wide.shape[:2], *target)
    options = {"coordinate_transformation_mode": "half_pixel", **_MODES[interpolation]}
    if interpolation == "bicubic":  # onnxruntime would take the Transpose behind it, and has no such kernel
        planes = (1, shape[0] * shape[1], *target)
        wide = g.reshape(wide, (1, planes[1], *wide.shape[2:]))
        out = g.reshape(g.op("Resize", wide, None, None, g.vector(planes), shape=planes, **options), shape)
    else:
        out = g.op("Resize", wide, None, None, g.vector(shape), shape=shape, **options)
    out = out if axes is None else g.viewed(out, axes)
    if out.dtype == dtype:
        return out
    if "float" not in dtype and interpolation != "nearest":
        low, high = (0, 255) if dtype == "uint8" else (-(2**31), 2**31 - 128)
        out = g.elementwise("Clip", g.elementwise("Round", out), float(low), float(high))
    return g.cast(out, dtype)
