"""What a node costs by its shapes: floating-point operations and bytes moved. The rules are `primitives/costs.py`'s."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kerasish.backend.primitives.costs import Kind, bytes_moved, ends, flops, tensor_bytes

__all__ = [
    "bytes_moved",
    "flops",
    "moved_by_steps",
    "moved_together",
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


def moved_together(nodes: Sequence[Any]) -> int:
    """Bytes that one step moves, which computes `nodes`: what an epilogue reads of the first does not leave the cache.

    A view that became a step is a copy.
    """
    if len(nodes) == 1:
        return bytes_moved(nodes[0]) or (ends(nodes[0]) if nodes[0].operation.traits.view else 0)
    made = {t for node in nodes for t in node.outputs}
    read = {x for node in nodes for x in node.inputs} - made
    return sum(map(tensor_bytes, [*read, *nodes[-1].outputs]))


def moved_by_steps(innermost: Iterable[Sequence[Any]]) -> int:
    """Bytes that steps move; `innermost` as in `lowering.Steps`."""
    total, before = 0, None
    for nodes in innermost:
        if nodes and nodes is not before:
            total += moved_together(nodes)
        before = nodes
    return total
