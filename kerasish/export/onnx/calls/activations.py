"""Activations."""

from __future__ import annotations

from typing import Any

from kerasish.backend.primitives.shapes import normalize_axes
from kerasish.export.onnx.registry import op

_FLOATS = ("float32", "float64", "float16")


def is_float(x: Any) -> bool:
    """Whether ONNX's operators take `x` as it is."""
    return getattr(x, "dtype", None) in _FLOATS


def _one_axis(g, kind, x, axis):
    if not is_float(x) or axis is None or not isinstance(axis, int):
        return None
    (axis,) = normalize_axes(axis, x.rank)
    if type(x.shape[axis]) is int and x.shape[axis] == 0:
        return None
    base, axes = g.seen(x)
    return g.viewed(g.op(kind, base, axis=axes[axis], shape=base.shape), axes)


@op("softmax")
def softmax(g: Any, x: Any, axis: Any) -> Any:
    """Softmax over one axis."""
    return _one_axis(g, "Softmax", x, axis)


@op("log_softmax")
def log_softmax(g: Any, x: Any, axis: Any) -> Any:
    """LogSoftmax over one axis."""
    return _one_axis(g, "LogSoftmax", x, axis)


def _single(g, kind, x, **attributes):
    return g.elementwise(kind, x, **attributes) if is_float(x) else None


@op("elu")
def elu(g: Any, x: Any, alpha: float) -> Any:
    """Elu."""
    return _single(g, "Elu", x, alpha=float(alpha)) if isinstance(alpha, (int, float)) else None


@op("selu")
def selu(g: Any, x: Any) -> Any:
    """Selu."""
    return _single(g, "Selu", x)


@op("leaky_relu")
def leaky_relu(g: Any, x: Any, negative_slope: float) -> Any:
    """LeakyRelu."""
    if not isinstance(negative_slope, (int, float)):
        return None
    return _single(g, "LeakyRelu", x, alpha=float(negative_slope))


@op("hard_sigmoid")
def hard_sigmoid(g: Any, x: Any) -> Any:
    """HardSigmoid of the slope 1 / 6."""
    return _single(g, "HardSigmoid", x, alpha=1 / 6, beta=0.5)


@op("softsign")
def softsign(g: Any, x: Any) -> Any:
    """Softsign."""
    return _single(g, "Softsign", x)


@op("gelu")
def gelu(g: Any, x: Any, approximate: bool) -> Any:
    """Gelu, since opset 20."""
    if g.opset < 20 or getattr(x, "dtype", None) != "float32":
        return None
    return _single(g, "Gelu", x, approximate="tanh" if approximate else "none")


@op("relu6")
def relu6(g: Any, x: Any) -> Any:
    """Clip between 0 and 6."""
    return g.elementwise("Clip", x, 0.0, 6.0) if is_float(x) else None


@op("clip")
def clip(g: Any, x: Any, x_min: Any, x_max: Any) -> Any:
    """Clip between two numbers."""
    if not is_float(x) or not all(isinstance(v, (int, float)) for v in (x_min, x_max)) or x_min > x_max:
        return None
    return g.elementwise("Clip", x, float(x_min), float(x_max))
