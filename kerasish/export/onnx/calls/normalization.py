"""Normalizations."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.primitives.shapes import normalize_axes
from kerasish.backend.settings import epsilon as global_epsilon
from kerasish.export.onnx.calls.activations import is_float
from kerasish.export.onnx.registry import op


@op("batch_normalization")
def batch_normalization(
    g: Any, x: Any, mean: Any, variance: Any, axis: Any, offset: Any, scale: Any, epsilon: float
) -> Any:
    """BatchNormalization with the channels at axis 1."""
    vectors = {"scale": scale, "offset": offset, "mean": mean, "variance": variance}
    if not is_float(x) or x.rank < 2 or not isinstance(axis, int):
        return None
    if any(v is not None and (getattr(v, "array", None) is None or v.rank != 1) for v in vectors.values()):
        return None
    count = mean.shape[0]
    missing = {"scale": np.ones, "offset": np.zeros}
    given = [
        g.constant(missing[name](count, "float32"), x.dtype) if v is None else g.cast(v, x.dtype)
        for name, v in vectors.items()
    ]
    (axis,) = normalize_axes(axis, x.rank)
    base, axes = g.seen(x)
    if axes[axis] != 1:
        others = [i for i in range(x.rank) if i != axis]
        first = [others[0], axis, *others[1:]]  # of x, as they shall lie
        axes = tuple(first.index(i) for i in range(x.rank))
        base = g.under(x, axes)
    return g.viewed(g.op("BatchNormalization", base, *given, epsilon=float(epsilon), shape=base.shape), axes)


@op("layer_normalization")
def layer_normalization(g: Any, x: Any, gamma: Any, beta: Any, axis: Any, epsilon: Any, **options: Any) -> Any:
    """LayerNormalization over the last axes."""
    if options.get("rms_scaling") or options.get("kwargs") or getattr(x, "dtype", None) != "float32":
        return None
    axes = normalize_axes(axis, x.rank)
    weights = [w for w in (gamma, beta) if w is not None]
    if axes != tuple(range(x.rank - len(axes), x.rank)) or any(getattr(w, "array", None) is None for w in weights):
        return None
    shape = [x.shape[a] for a in axes]
    if any(type(n) is not int for n in shape):
        return None
    scale = g.constant(np.ones(shape, "float32")) if gamma is None else g.reshape(g.cast(gamma, x.dtype), shape)
    shift = None if beta is None else g.reshape(g.cast(beta, x.dtype), shape)
    epsilon = global_epsilon() if epsilon is None else float(epsilon)
    return g.op("LayerNormalization", x, scale, shift, axis=axes[0], epsilon=epsilon, shape=x.shape)


@op("rms_normalization")
def rms_normalization(g: Any, x: Any, scale: Any, axis: Any, epsilon: Any) -> Any:
    """RMSNormalization over the last axes, since opset 23."""
    axes = normalize_axes(axis, x.rank) if hasattr(x, "shape") else ()
    if g.opset < 23 or getattr(x, "dtype", None) != "float32" or axes != tuple(range(x.rank - len(axes), x.rank)):
        return None
    shape = [x.shape[a] for a in axes]
    if any(type(n) is not int for n in shape) or (scale is not None and getattr(scale, "array", None) is None):
        return None
    weight = g.constant(np.ones(shape, "float32")) if scale is None else g.reshape(g.cast(scale, x.dtype), shape)
    epsilon = global_epsilon() if epsilon is None else float(epsilon)
    return g.op("RMSNormalization", x, weight, axis=axes[0], epsilon=epsilon, shape=x.shape)
