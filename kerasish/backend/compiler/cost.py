"""What a node costs by its shapes: floating-point operations and bytes moved. The rules are `primitives/costs.py`'s."""

from __future__ import annotations

from typing import Any

from kerasish.backend.primitives.costs import Kind, bytes_moved, flops, tensor_bytes

__all__ = [
    "bytes_moved",
    "flops",
    "products",
    "tensor_bytes",
]


def products(node: Any) -> tuple[int, int]:
    """The part of `flops(node)` that is convolutions (first number) and matrix products (second).

    Those inside of a fused group or a loop are included.
    """
    cost = node.operation.traits.cost
    if cost.inside is not None:
        return tuple(int(cost.inside(node, lambda inner, i=i: products(inner)[i])) for i in range(2))
    if cost.kind is Kind.CONVOLUTION:
        return flops(node), 0
    return (0, flops(node)) if cost.kind is Kind.MATMUL else (0, 0)
