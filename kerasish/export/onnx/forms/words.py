"""Forms that are made by the operator they write."""

from __future__ import annotations

from typing import Any

from kerasish.export.onnx.registry import PRIMITIVES, primitive


def operator(name: str, kind: str, **options: Any) -> None:
    """Enter a primitive that is one elementwise operator of ONNX.

    Args:
        name: of the primitive.
        kind: of the operator.
        **options: of `GraphWriter.elementwise`, as the `dtype` of what comes out.
    """
    PRIMITIVES[name] = lambda g, *inputs: g.elementwise(kind, *inputs, **options)


def formula(name: str, compute: Any) -> None:
    """Enter a primitive that several elementwise operators make: `compute(g, *values)`."""
    PRIMITIVES[name] = compute


def step(kind: str) -> Any:
    """A word for formulas: `add(g, a, b)` for `g.elementwise("Add", a, b)`."""
    return lambda g, *inputs: g.elementwise(kind, *inputs)


__all__ = ["formula", "operator", "primitive", "step"]
