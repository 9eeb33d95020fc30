"""The second step of a layered layout: the order within each rank, so that few arrows cross."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_SWEEPS = 24
_PATIENCE = 4  # sweeps without improvement after which to stop


def ordered(layers: Sequence[Any], below: Any, above: Any) -> Any:
    """The layers (lists of nodes) in an order with few crossings, by sweeps of barycentres that go down and up in turn.

    Args:
        below, above: list (by node) of lists of the neighbours in the next and the previous layer.
    """
    best = layers = [list(layer) for layer in layers]
    fewest, stale = crossings(layers, below), 0
    for sweep in range(_SWEEPS):
        if not fewest or stale >= _PATIENCE:
            break
        layers = _swept(layers, above if sweep % 2 == 0 else below, downwards=sweep % 2 == 0)
        count = crossings(layers, below)
        best, fewest, stale = (layers, count, 0) if count < fewest else (best, fewest, stale + 1)
    return best


def _swept(layers, neighbours, downwards):
    layers = [list(layer) for layer in layers]
    steps = range(1, len(layers)) if downwards else range(len(layers) - 2, -1, -1)
    for i in steps:
        place = {u: position for position, u in enumerate(layers[i - 1 if downwards else i + 1])}
        wanted = {}
        for u in layers[i]:
            around = [place[v] for v in neighbours[u]]
            wanted[u] = sum(around) / len(around) if around else None
        layers[i] = _sorted_where_wanted(layers[i], wanted)
    return layers


def _sorted_where_wanted(layer, wanted):
    """Nodes without neighbours keep their places; the others share the remaining ones in order."""
    moving = iter(sorted((u for u in layer if wanted[u] is not None), key=lambda u: wanted[u]))
    return [u if wanted[u] is None else next(moving) for u in layer]


def crossings(layers: Sequence[Any], below: Any) -> Any:
    """How many pairs of edges between neighbouring layers cross (Barth, Juenger and Mutzel, 2004: a tree of counts)."""
    total = 0
    for upper, lower in zip(layers, layers[1:]):
        place = {u: position for position, u in enumerate(lower)}
        size = 1
        while size < len(lower):
            size *= 2
        counts = [0] * (2 * size)
        for u in upper:
            for position in sorted(place[v] for v in below[u]):
                index = position + size
                counts[index] += 1
                while index > 1:
                    if index % 2 == 0:
                        total += counts[index + 1]
                    index //= 2
                    counts[index] += 1
    return total
