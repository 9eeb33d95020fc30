"""All passes over a graph's nodes, in order."""

from __future__ import annotations

from typing import Any

from kerasish.backend.compiler import debug
from kerasish.backend.compiler.fusion import follow_products, fuse
from kerasish.backend.compiler.simplify import simplify
from kerasish.backend.compiler.sparse_rows import sparse_rows


def optimize(graph: Any, on: Any) -> tuple[Any, ...]:
    """The nodes that a Program runs.

    Returns: (nodes, alias, constants) as `simplify` does.
    """
    nodes, alias, constants = simplify(graph)
    outputs = [alias(t) for t in graph.outputs if t is not None]
    updates = {variable: alias(t) for variable, t in graph.updates.items() if t is not None}
    nodes = sparse_rows(nodes, updates, graph.reads, outputs, constants)
    debug.show("sparse_rows", nodes, constants)
    if on.fuses:
        numbers = {t: on.to_host(array).item() for t, array in constants.items() if not t.shape}
        nodes = follow_products(fuse(nodes, [*outputs, *updates.values()], numbers))
        debug.show("fuse", nodes, constants)
    return nodes, alias, constants
