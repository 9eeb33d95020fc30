"""Ops and layers that have an operator of ONNX's own."""

from kerasish.export.onnx.calls import (
    activations,
    adaptive,
    attention,
    normalization,
    pooling,
    recurrent,
    reductions,
    resizing,
    text,
    upsampling,
)

__all__ = [
    "activations",
    "adaptive",
    "attention",
    "normalization",
    "pooling",
    "recurrent",
    "reductions",
    "resizing",
    "text",
    "upsampling",
]
